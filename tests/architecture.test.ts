/** Holds the drawing of the README: which folder may import which, who owns a package, how long a file may be. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';

/** A room is a folder or a single file; each names the rooms it may import besides itself. The longest prefix counts. */
const allowedEdges: Readonly<Record<string, readonly string[]>> = {
  'engine/errors.ts': [],
  // The one type that both need, a rectangle, is the image room's; no file imports itself through it (see below).
  'engine/api.ts': ['engine/errors.ts', 'engine/image'],
  'engine/random': [],
  // Names alone: a request is held to them before it waits.
  'engine/schedulers/scheduler-name.ts': ['engine/errors.ts', 'engine/schedulers'],
  'engine/schedulers/custom-timesteps.ts': [
    'engine/errors.ts',
    'engine/schedulers',
    'engine/schedulers/scheduler-name.ts',
  ],
  'engine/schedulers': [
    'engine/schedulers/custom-timesteps.ts',
    'engine/schedulers/scheduler-name.ts',
    'engine/errors.ts',
    'engine/random',
  ],
  'engine/onnx': ['engine/errors.ts'],
  'engine/weights': ['engine/errors.ts'],
  // The tags of a prompt alone: what they name has a say in a request's defaults.
  'engine/text/extra-networks.ts': ['engine/errors.ts'],
  'engine/text': ['engine/errors.ts'],
  'engine/image': ['engine/errors.ts', 'engine/api.ts'],
  // Names and numbers alone: a request is held to them before it waits.
  'engine/control/preprocessor-list.ts': ['engine/errors.ts', 'engine/api.ts'],
  'engine/control': [
    'engine/errors.ts',
    'engine/api.ts',
    'engine/control/preprocessor-list.ts',
    'engine/image',
    // Networks that look at a picture are kept loaded among the others.
    'engine/models',
  ],
  'engine/runtime': ['engine/errors.ts', 'engine/api.ts', 'engine/onnx'],
  'engine/graphs': ['engine/errors.ts', 'engine/onnx', 'engine/weights'],
  'engine/fill': ['engine/errors.ts', 'engine/image', 'engine/random', 'engine/runtime/thread.ts'],
  'engine/runtime/thread.ts': [],
  'engine/models': [
    'engine/errors.ts',
    'engine/api.ts',
    'engine/image',
    'engine/graphs',
    'engine/onnx',
    'engine/weights',
    'engine/random',
    'engine/runtime',
    'engine/text',
  ],
  'engine/pipelines': [
    'engine/errors.ts',
    'engine/api.ts',
    'engine/control',
    'engine/control/preprocessor-list.ts',
    'engine/image',
    'engine/fill',
    'engine/graphs',
    'engine/models',
    'engine/random',
    'engine/runtime',
    'engine/schedulers',
    'engine/text',
    'engine/text/extra-networks.ts',
  ],
  'engine/worker.ts': [
    'engine/errors.ts',
    'engine/api.ts',
    'engine/control',
    'engine/pipelines',
    'engine/models',
    'engine/fill',
    'engine/runtime',
  ],
  'bridge/protocol': [],
  'plugins/shared/picture': [],
  // What every browser has, Photoshop's panel not.
  'plugins/shared/browser': [
    'bridge/protocol',
    'plugins/shared/client',
    'plugins/shared/picture',
    'plugins/shared/store',
  ],
  'plugins/shared/psd': ['plugins/shared/picture'],
  'plugins/shared/client': ['bridge/protocol'],
  'plugins/shared/store': ['bridge/protocol', 'plugins/shared/client', 'plugins/shared/picture'],
  'plugins/shared/ui': ['bridge/protocol', 'plugins/shared/client', 'plugins/shared/store'],
  // What Photoshop's and Figma's panels share: the port to the editor, what a panel holds, and its components.
  'plugins/shared/panel': [
    'bridge/protocol',
    'plugins/shared/client',
    'plugins/shared/picture',
    'plugins/shared/store',
  ],
  'plugins/shared/panel/ui': [
    'bridge/protocol',
    'plugins/shared/client',
    'plugins/shared/panel',
    'plugins/shared/picture',
    'plugins/shared/store',
    'plugins/shared/ui',
  ],
  // The types of a request, which a layer keeps.
  'plugins/web/document': ['bridge/protocol', 'plugins/shared/picture'],
  'plugins/web/canvas': ['plugins/shared/picture', 'plugins/shared/psd', 'plugins/web/document'],
  'plugins/web/editor': [
    'bridge/protocol',
    'plugins/shared/browser',
    'plugins/shared/client',
    'plugins/shared/picture',
    'plugins/shared/psd',
    'plugins/shared/store',
    'plugins/web/canvas',
    'plugins/web/document',
  ],
  'plugins/web/ui': [
    'bridge/protocol',
    'plugins/shared/client',
    'plugins/shared/picture',
    'plugins/shared/store',
    'plugins/shared/ui',
    'plugins/web/canvas',
    'plugins/web/document',
    'plugins/web/editor',
  ],
  'plugins/web/main.tsx': [
    'plugins/shared/store',
    'plugins/shared/ui',
    'plugins/web/canvas',
    'plugins/web/editor',
    'plugins/web/ui',
  ],
  'plugins/photoshop/manifest.ts': ['bridge/protocol'],
  'plugins/photoshop/api': [],
  // Pure: samples in, samples out.
  'plugins/photoshop/pixels': ['plugins/shared/picture', 'plugins/shared/store', 'plugins/photoshop/api'],
  // One thing each that is done in a document.
  'plugins/photoshop/document': [
    'plugins/shared/client',
    'plugins/shared/panel',
    'plugins/shared/picture',
    'plugins/photoshop/api',
    'plugins/photoshop/pixels',
  ],
  'plugins/photoshop/host': [
    'bridge/protocol',
    'plugins/shared/client',
    'plugins/shared/panel',
    'plugins/shared/picture',
    'plugins/shared/store',
    'plugins/photoshop/api',
    'plugins/photoshop/document',
    'plugins/photoshop/pixels',
  ],
  'plugins/photoshop/ui': ['plugins/shared/ui'],
  'plugins/photoshop': [
    'bridge/protocol',
    'plugins/shared/panel',
    'plugins/shared/panel/ui',
    'plugins/shared/store',
    'plugins/shared/ui',
    'plugins/photoshop/api',
    'plugins/photoshop/host',
    'plugins/photoshop/ui',
  ],
  'plugins/figma/manifest.ts': ['bridge/protocol'],
  // What its two halves say to each other.
  'plugins/figma/protocol': ['bridge/protocol', 'plugins/shared/panel', 'plugins/shared/picture'],
  'plugins/figma/main': [
    'bridge/protocol',
    'plugins/figma/protocol',
    'plugins/shared/client',
    'plugins/shared/panel',
    'plugins/shared/picture',
  ],
  'plugins/figma/ui': [
    'bridge/protocol',
    'plugins/figma/protocol',
    'plugins/shared/browser',
    'plugins/shared/client',
    'plugins/shared/panel',
    'plugins/shared/panel/ui',
    'plugins/shared/picture',
    'plugins/shared/store',
    'plugins/shared/ui',
  ],
  // In Node, not in an editor: makes the packages out of the rooms above.
  'plugins/packaging': ['plugins/figma/manifest.ts', 'plugins/photoshop/manifest.ts'],
  'plugins/build.ts': ['plugins/packaging'],
  'bridge/errors.ts': ['bridge/protocol', 'engine/errors.ts'],
  'bridge/log.ts': [],
  'bridge/websocket.ts': ['bridge/protocol'],
  'bridge/auth': ['bridge/errors.ts', 'bridge/protocol'],
  'bridge/jobs': [
    'bridge/errors.ts',
    'bridge/log.ts',
    'bridge/protocol',
    'engine/api.ts',
    'engine/errors.ts',
    'engine/control/preprocessor-list.ts',
    'engine/schedulers/custom-timesteps.ts',
    'engine/schedulers/scheduler-name.ts',
    'engine/text/extra-networks.ts',
  ],
  'bridge/downloads': ['bridge/errors.ts', 'engine/errors.ts'],
  'bridge/http': ['bridge/log.ts', 'bridge/auth', 'bridge/protocol'],
  'bridge/connection': [
    'bridge/errors.ts',
    'bridge/log.ts',
    'bridge/websocket.ts',
    'bridge/auth',
    'bridge/jobs',
    'bridge/protocol',
    'engine/api.ts',
    'engine/errors.ts',
  ],
  // The server itself, which puts the rooms above together.
  bridge: [
    'bridge/errors.ts',
    'bridge/log.ts',
    'bridge/websocket.ts',
    'bridge/auth',
    'bridge/connection',
    'bridge/http',
    'bridge/jobs',
    'bridge/protocol',
    'engine/api.ts',
    'engine/errors.ts',
  ],
  'bridge/cli': [
    'bridge',
    'bridge/downloads',
    'bridge/errors.ts',
    'bridge/log.ts',
    'bridge/websocket.ts',
    'bridge/auth',
    'bridge/jobs',
    'bridge/protocol',
    'plugins/shared/client',
    'engine/api.ts',
    'engine/control/preprocessor-list.ts',
    'engine/errors.ts',
    // How large a picture is whose proportions a new one follows.
    'engine/image',
  ],
  'bridge/main.ts': ['bridge/cli'],
};

/** Packages that only one file of ours may know; everything else sees our own types. */
const packageOwners: Readonly<Record<string, string>> = {
  'onnxruntime-node': 'engine/runtime/session.ts',
  sharp: 'engine/image/codec.ts',
  '@huggingface/transformers': 'engine/control/assistive-models.ts',
  ws: 'bridge/websocket.ts',
  express: 'bridge/http/app.ts',
  'tsx/esm/api': 'engine/runtime/thread.ts',
  pino: 'bridge/log.ts',
  'env-paths': 'bridge/home.ts',
  'cli-progress': 'bridge/cli/terminal.ts',
  'idb-keyval': 'plugins/web/canvas/document-storage.ts',
  'fast-png': 'plugins/web/canvas/png.ts',
  lucide: 'plugins/shared/ui/icon.tsx',
  'ag-psd': 'plugins/shared/psd/write-psd.ts',
  esbuild: 'plugins/packaging/bundle.ts',
  fflate: 'plugins/packaging/zip.ts',
};

const preact = ['preact', 'preact/hooks', '@preact/signals', '@preact/signals-core'];

/** What each part may use of npm at all, besides what it owns above. The longest prefix counts. */
const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  plugins: [],
  // Photoshop has no DOM that Preact's own signals could hook into before a panel is there.
  'plugins/shared/browser': ['@preact/signals-core'],
  'plugins/shared/store': ['@preact/signals-core'],
  'plugins/shared/panel': ['@preact/signals-core'],
  'plugins/shared/panel/ui': preact,
  'plugins/shared/ui': preact,
  'plugins/web': preact,
  'plugins/photoshop': [],
  'plugins/photoshop/host': ['@preact/signals-core'],
  'plugins/photoshop/main.tsx': preact,
  'plugins/photoshop/ui': preact,
  'plugins/figma/ui': preact,
  // Types alone, without the globals that no other part of ours has.
  'plugins/figma/main': ['@figma/plugin-typings/plugin-api-standalone.d.ts'],
  // Pure: neither pixels nor geometry need a library.
  'plugins/web/document': [],
  bridge: ['zod', 'commander'],
};

/** The only files of the plugins that Node runs: they build them. */
const builders = ['plugins/build.ts', 'plugins/packaging/'];

/** Over this a file has a second noun in it. */
const maxLines = 500;

const sources = ['engine', 'bridge', 'plugins'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(root, file.split(path.sep).join('/')))
    // AssemblyScript has its own compiler, and imports nothing of ours.
    .filter((file) => !file.startsWith('engine/fill/wasm/assembly/'))
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts')),
);

const importPattern =
  /^\s*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2]!);
}

/** The longest of these names that is the file's own or a folder around it. */
function innermost(names: readonly string[], file: string): string | undefined {
  const around = names.filter((name) => file === name || file.startsWith(`${name}/`));
  return around.sort((a, b) => b.length - a.length)[0];
}

function roomOf(file: string): string {
  const room = innermost(Object.keys(allowedEdges), file);
  assert.ok(room, `${file} is in no room of the architecture: give it one in tests/architecture.test.ts`);
  return room;
}

function targetOf(file: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(file), specifier);
}

test('the import parser sees every form of import', () => {
  assert.ok(importsOf('engine/worker.ts').includes('./errors.ts'));
  const forms =
    "import a from 'a';\nimport 'b';\nimport type { C } from 'c';\nexport { d } from 'd';\nimport {\n  e,\n} from 'e';\nawait import('f');";
  assert.deepEqual(
    [...forms.matchAll(importPattern)].map((match) => match[1] ?? match[2]),
    ['a', 'b', 'c', 'd', 'e', 'f'],
  );
});

test('imports go only along the allowed edges', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    const room = roomOf(file);
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
      const target = targetOf(file, specifier);
      const targetRoom = roomOf(target);
      if (targetRoom !== room && !allowedEdges[room]!.includes(targetRoom))
        wrong.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no file imports itself through others', () => {
  const finished = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    assert.ok(
      !trail.includes(file),
      `import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`,
    );
    if (finished.has(file)) return;
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
      visit(targetOf(file, specifier), [...trail, file]);
    }
    finished.add(file);
  };
  for (const file of sources) visit(file, []);
});

test('each npm package is known to its one owner', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    for (const specifier of importsOf(file).filter((name) => !name.startsWith('.'))) {
      if (specifier.startsWith('node:')) {
        const leaf = file.startsWith('bridge/protocol/') || file.startsWith('plugins/');
        if (leaf && !builders.some((builder) => file.startsWith(builder)))
          wrong.push(`${file} imports ${specifier}, which only Node has`);
        continue;
      }
      const part = innermost(Object.keys(allowedPackages), file)!;
      const allowed = packageOwners[specifier] === file || allowedPackages[part]!.includes(specifier);
      if (!allowed || builtinModules.includes(specifier)) wrong.push(`${file} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test(`no file is longer than ${maxLines} lines`, () => {
  const long = sources.map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }));
  assert.deepEqual(
    long.filter(({ lines }) => lines > maxLines),
    [],
  );
});
