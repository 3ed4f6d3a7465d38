/**
 * Bundles the host and the engine to `dist/`: our code only; the dependencies stay npm packages. The engine and its
 * threads are entries of their own, because each runs in a process or thread of its own. What the server alone needs is
 * split off, so that the other commands start without it. `tsx build.ts FOLDER` builds to another folder than `dist`.
 */
import { chmodSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const entries = {
  inlay: 'bridge/main.ts',
  engine: 'engine/worker.ts',
  'provider-trial': 'engine/runtime/provider-trial.ts',
  'fill-thread': 'engine/fill/fill-thread.ts',
};

const outdir = process.argv[2] ?? 'dist';
rmSync(outdir, { recursive: true, force: true });
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
chmodSync(path.join(outdir, 'inlay.js'), 0o755);
