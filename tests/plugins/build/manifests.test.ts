/** What the editors refuse in a manifest, often without a word, is refused here. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { z } from 'zod';
import { defaultPorts } from '../../../bridge/protocol/ports.ts';
import { buildFigmaPlugin } from '../../../plugins/packaging/figma-plugin.ts';
import { buildPhotoshopPlugin } from '../../../plugins/packaging/photoshop-plugin.ts';
import type { PluginFiles } from '../../../plugins/packaging/plugin-files.ts';

const version = '1.22.333';
const words = z.string().min(1);
const label = z.object({ default: words }).catchall(words);
const size = z.strictObject({ width: z.int().positive(), height: z.int().positive() });
const iconSize = { width: z.int().positive(), height: z.int().positive(), path: words };
const scales = z.tuple([z.literal(1), z.literal(2)]);
const theme = z.enum(['lightest', 'light', 'medium', 'dark', 'darkest', 'all']);

/** An address with its scheme and port, by the one name that both editors take. */
const localAddress = z.string().regex(/^(http|ws):\/\/localhost:\d+$/);

/** Version 5, of which only what we use is allowed: a new permission is a decision. */
const photoshopManifest = z.strictObject({
  manifestVersion: z.literal(5),
  id: z.string().regex(/^[\w.-]+$/),
  name: words,
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  main: z.string().regex(/^[\w-]+\.html$/, 'at the root'),
  host: z.strictObject({
    app: z.literal('PS'),
    minVersion: z.literal('25.0.0'),
    data: z.strictObject({ apiVersion: z.literal(2), loadEvent: z.enum(['use', 'startup']) }),
  }),
  entrypoints: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('panel'),
        id: words,
        label,
        minimumSize: size,
        maximumSize: size,
        preferredDockedSize: size,
        preferredFloatingSize: size,
        icons: z.array(z.strictObject({ ...iconSize, scale: scales, theme: z.array(theme) })),
      }),
      z.strictObject({ type: z.literal('command'), id: words, label }),
    ]),
  ),
  icons: z.array(
    z.strictObject({ ...iconSize, scale: scales, species: z.array(z.enum(['pluginList', 'generic'])) }),
  ),
  requiredPermissions: z.strictObject({
    network: z.strictObject({ domains: z.array(localAddress) }),
    launchProcess: z
      .strictObject({ schemes: z.array(z.enum(['http', 'https'])), extensions: z.tuple([]) })
      .optional(),
  }),
});

const figmaManifest = z.strictObject({
  name: words,
  id: words,
  api: z.literal('1.0.0'),
  main: words,
  ui: words,
  editorType: z.tuple([z.literal('figma')]),
  documentAccess: z.literal('dynamic-page'),
  networkAccess: z.strictObject({
    allowedDomains: z.array(localAddress.startsWith('ws://')),
    reasoning: z.string().min(20),
    devAllowedDomains: z.array(localAddress.startsWith('ws://')),
  }),
  permissions: z.tuple([]),
  relaunchButtons: z.array(z.strictObject({ command: words, name: words })),
});

let photoshop: PluginFiles;
let figma: PluginFiles;
before(async () => {
  photoshop = (await buildPhotoshopPlugin(version)).files;
  figma = (await buildFigmaPlugin(version)).files;
});

function text(files: PluginFiles, name: string): string {
  const bytes = files.get(name);
  assert.ok(bytes, `${name} is in the package`);
  return Buffer.from(bytes).toString('utf8');
}

function photoshopManifestOf(files: PluginFiles) {
  return photoshopManifest.parse(JSON.parse(text(files, 'manifest.json')));
}

test("Photoshop's manifest is one of version 5, for 25.0 and later, with the package's version", () => {
  assert.equal(photoshopManifestOf(photoshop).version, version);
});

test('Photoshop may reach the ports of the server by both schemes, and nothing else', () => {
  const { domains } = photoshopManifestOf(photoshop).requiredPermissions.network;
  const expected = defaultPorts.flatMap((port) => [`http://localhost:${port}`, `ws://localhost:${port}`]);
  assert.deepEqual([...domains].sort(), expected.sort());
});

test("Photoshop's panel is wide enough for its parts, and its entry points have names of their own", () => {
  const { entrypoints } = photoshopManifestOf(photoshop);
  const ids = entrypoints.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const panels = entrypoints.filter((entry) => entry.type === 'panel');
  assert.equal(panels.length, 1);
  for (const { minimumSize, maximumSize, preferredDockedSize, preferredFloatingSize } of panels) {
    for (const preferred of [preferredDockedSize, preferredFloatingSize]) {
      assert.ok(minimumSize.width <= preferred.width && preferred.width <= maximumSize.width);
      assert.ok(minimumSize.height <= preferred.height && preferred.height <= maximumSize.height);
    }
  }
});

test("every icon of Photoshop's manifest is there at both scales, in its size, and every theme has one", async () => {
  const manifest = photoshopManifestOf(photoshop);
  const panelIcons = manifest.entrypoints.flatMap((entry) => (entry.type === 'panel' ? entry.icons : []));
  for (const { path, width, height, scale } of [...manifest.icons, ...panelIcons]) {
    for (const times of scale) {
      const name = path.replace('.png', `@${times}x.png`);
      const icon = await sharp(photoshop.get(name)).metadata();
      assert.deepEqual(
        [icon.format, icon.width, icon.height, icon.hasAlpha],
        ['png', width * times, height * times, true],
        name,
      );
    }
  }
  const themes = panelIcons.flatMap((icon) => icon.theme);
  assert.deepEqual([...themes].sort(), ['dark', 'darkest', 'light', 'lightest', 'medium']);
});

test("Photoshop's page and what it links lie at the root of the package", () => {
  const page = text(photoshop, photoshopManifestOf(photoshop).main);
  const linked = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  assert.deepEqual(linked.sort(), ['main.css', 'main.js']);
  for (const name of linked) assert.ok(photoshop.has(name), name);
});

test("Figma's manifest asks for sockets to the server's ports, and for nothing else", () => {
  const manifest = figmaManifest.parse(JSON.parse(text(figma, 'manifest.json')));
  const sockets = defaultPorts.map((port) => `ws://localhost:${port}`);
  const { allowedDomains, devAllowedDomains } = manifest.networkAccess;
  assert.deepEqual([allowedDomains, devAllowedDomains], [sockets, sockets]);
  for (const name of [manifest.main, manifest.ui]) assert.ok(figma.has(name), name);
});

test("Figma's plugin knows the commands of its manifest's buttons", () => {
  const { relaunchButtons } = figmaManifest.parse(JSON.parse(text(figma, 'manifest.json')));
  assert.ok(relaunchButtons.length > 0);
  for (const { command } of relaunchButtons)
    assert.ok(text(figma, 'code.js').includes(`"${command}"`), command);
});
