import { readFileSync } from 'node:fs';
import { wasmApi } from './web-assembly.ts';

/** Beside this file, as in a build beside the bundle. */
const file = new URL('./fill-core.wasm', import.meta.url);

let compiled: object | null | undefined;

/** The core, compiled once a thread; null where this process cannot run it (no WebAssembly, or none with SIMD and threads). */
export function coreModule(): object | null {
  if (compiled === undefined) {
    const bytes = readFileSync(file);
    compiled = wasmApi?.validate(bytes) ? new wasmApi.Module(bytes) : null;
  }
  return compiled;
}
