/**
 * Bundles the host and the engine to `dist/`: our code only; the dependencies stay npm packages. The engine and its
 * threads are entries of their own, because each runs in a process or thread of its own. What the server alone needs is
 * split off, so that the other commands start without it. The page goes to `dist/web`, whole: what it uses of npm is in it,
 * and listed with its licences in NOTICE. `tsx build.ts FOLDER` builds to another folder than `dist`.
 */
import { chmodSync, copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { assertNoticed } from './plugins/packaging/notice.ts';

const entries = {
  inlay: 'bridge/main.ts',
  engine: 'engine/worker.ts',
  'provider-trial': 'engine/runtime/provider-trial.ts',
  'fill-thread': 'engine/fill/fill-thread.ts',
};

/** The names stay what they are: the server has the browser ask each time whether a file has changed. */
const pageEntries = [
  'plugins/web/main.tsx',
  'plugins/web/main.css',
  'plugins/web/canvas/picture-file-worker.ts',
  'plugins/web/canvas/blur-worker.ts',
];

/** The editors' plugins are built by `plugins/build.ts`, and stay. */
const pluginsFolder = 'plugins';

const outdir = process.argv[2] ?? 'dist';
for (const entry of existsSync(outdir) ? readdirSync(outdir) : []) {
  if (entry !== pluginsFolder) rmSync(path.join(outdir, entry), { recursive: true, force: true });
}
await build({
  entryPoints: entries,
  outdir,
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
const { metafile } = await build({
  entryPoints: pageEntries,
  outdir: path.join(outdir, 'web'),
  bundle: true,
  splitting: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
});
assertNoticed(Object.keys(metafile.inputs));
copyFileSync('plugins/web/index.html', path.join(outdir, 'web', 'index.html'));
copyFileSync('engine/fill/wasm/fill-core.wasm', path.join(outdir, 'fill-core.wasm'));
copyFileSync('engine/text/bpe_simple_vocab_16e6.txt.gz', path.join(outdir, 'bpe_simple_vocab_16e6.txt.gz'));
copyFileSync('docs/pictures/launch-pad.jpg', path.join(outdir, 'web', 'example.jpg'));
chmodSync(path.join(outdir, 'inlay.js'), 0o755);
