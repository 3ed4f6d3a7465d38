/**
 * Compiles the fill's WebAssembly core from engine/fill/wasm/assembly (AssemblyScript) to engine/fill/wasm/fill-core.wasm,
 * which is committed. The same compiler, which package.json pins, gives the same bytes. `tsx scripts/build-wasm.ts FILE`
 * writes to another file.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'engine/fill/wasm');
const packageFile = createRequire(import.meta.url).resolve('assemblyscript/package.json');
const compiler = path.join(path.dirname(packageFile), 'bin', 'asc.js');
const output = path.resolve(process.argv[2] ?? path.join(folder, 'fill-core.wasm'));

// No runtime: nothing is allocated, all data is in the fill's memory, which is imported and shared.
const options = [
  ...['--runtime', 'stub', '--enable', 'threads', '--enable', 'simd'],
  ...[
    '--importMemory',
    '--noExportMemory',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
  ],
  ...['-O3', '--converge', '--noAssert'],
];
const { status } = spawnSync(
  process.execPath,
  [compiler, 'assembly/index.ts', '--outFile', path.relative(folder, output), ...options],
  { cwd: folder, stdio: 'inherit' },
);
process.exit(status ?? 1);
