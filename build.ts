/**
 * Bundles the host and the engine to `dist/`: our code only; the dependencies stay npm packages. The engine and its
 * threads are entries of their own, because each runs in a process or thread of its own.
 */
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const entries = {
  inlay: 'bridge/main.ts',
  engine: 'engine/worker.ts',
  'provider-trial': 'engine/runtime/provider-trial.ts',
  'fill-thread': 'engine/fill/fill-thread.ts',
};

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
});
chmodSync('dist/inlay.js', 0o755);
