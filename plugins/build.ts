/**
 * Builds the editors' plugins to `dist/plugins`: `inlay-photoshop.ccx`, which installs by double click, and Figma's folder,
 * to import from its manifest, also as a zip. `tsx plugins/build.ts FOLDER` builds to another folder. Sizes are told on
 * stderr: what packs the npm package speaks JSON on stdout.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildFigmaPlugin, maxFigmaMainBytes } from './packaging/figma-plugin.ts';
import { assertNoticed } from './packaging/notice.ts';
import { buildPhotoshopPlugin, maxPhotoshopScriptBytes } from './packaging/photoshop-plugin.ts';
import type { PluginFiles } from './packaging/plugin-files.ts';
import { zip } from './packaging/zip.ts';

const outdir = process.argv[2] ?? path.join('dist', 'plugins');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

const photoshop = await buildPhotoshopPlugin(version);
const figma = await buildFigmaPlugin(version);
assertNoticed([...photoshop.inputs, ...figma.inputs]);

rmSync(outdir, { recursive: true, force: true });
mkdirSync(path.join(outdir, 'figma'), { recursive: true });
for (const [name, bytes] of figma.files) writeFileSync(path.join(outdir, 'figma', name), bytes);
write('inlay-photoshop.ccx', zip(photoshop.files));
write('inlay-figma.zip', zip(figma.files));

tellSize(photoshop.files, 'main.js', maxPhotoshopScriptBytes);
tellSize(figma.files, 'code.js', maxFigmaMainBytes);
tellSize(figma.files, 'ui.html');

function write(name: string, bytes: Uint8Array): void {
  const file = path.join(outdir, name);
  writeFileSync(file, bytes);
  console.error(`${file}: ${inKilobytes(bytes.length)}`);
}

/** Of a file over its budget the build fails, though it is there to be looked at. */
function tellSize(files: PluginFiles, name: string, maxBytes = Number.POSITIVE_INFINITY): void {
  const { length } = files.get(name)!;
  const budget = Number.isFinite(maxBytes) ? ` of at most ${inKilobytes(maxBytes)}` : '';
  console.error(`  ${name}: ${inKilobytes(length)}${budget}`);
  if (length <= maxBytes) return;
  console.error(
    `Expected ${name} to be at most ${maxBytes} bytes, received ${length}: see what was imported.`,
  );
  process.exitCode = 1;
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
