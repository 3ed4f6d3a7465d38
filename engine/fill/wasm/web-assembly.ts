/** The part of the WebAssembly API that the fill uses; neither ES2023's library nor Node 20's types declare it. */

/** A shared memory of 64 KiB pages. `buffer` is a new object, with the new length, after each `grow`. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

export interface WasmApi {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: object };
  validate(bytes: Uint8Array): boolean;
}

/** Undefined where a process runs without a compiler (`--jitless`). */
export const wasmApi = (globalThis as { readonly WebAssembly?: WasmApi }).WebAssembly;

export const WASM_PAGE_BYTES = 65536;
export const MAX_WASM_PAGES = 65536;
