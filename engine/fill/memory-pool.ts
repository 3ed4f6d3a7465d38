import { coreBytes, FillCore } from './wasm/fill-core.ts';
import { MAX_WASM_PAGES, WASM_PAGE_BYTES, type WasmMemory, wasmApi } from './wasm/web-assembly.ts';

/** Which code runs a fill's inner loops. Both give the same bytes. */
export type CoreKind = 'wasm' | 'scalar';

/** Bytes that all threads of a fill see. */
export interface SharedMemory {
  /** Differs from that of every other memory, and of this one before it grew. */
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  /** What `buffer` is of; null where only scalar code works on it. */
  readonly wasm: WasmMemory | null;
}

let lastId = 0;

/** Plain shared bytes, for the scalar kernels. */
export function plainMemory(bytes: number): SharedMemory {
  return { id: ++lastId, buffer: new SharedArrayBuffer(bytes), wasm: null };
}

/**
 * The memories of fills. One is kept from fill to fill, and grows: shared memory goes back to the system only when the
 * garbage of every thread has been collected, which idle threads do not do.
 */
export class MemoryPool {
  /** Bytes at the start of each memory that are not the fill's. */
  readonly reservedBytes: number;
  readonly #core: CoreKind;
  readonly #maxPages: number;
  #spare: WasmMemory | null = null;
  /** Memories up to this id are not used again. */
  #abandonedId = 0;

  /**
   * @param options `threads` that work on a memory at a time at most; `maxPages` of 64 KiB, 65536 where not given:
   * above it a memory is plain, and its fill runs the scalar kernels.
   */
  constructor(options: { readonly core: CoreKind; readonly threads: number; readonly maxPages?: number }) {
    this.#core = FillCore.isSupported ? options.core : 'scalar';
    this.#maxPages = options.maxPages ?? MAX_WASM_PAGES;
    this.reservedBytes = this.#core === 'wasm' ? coreBytes(options.threads) : 0;
  }

  /** @returns `bytes` bytes (or more) of 0 from `reservedBytes` on. Give it back with `release`. */
  take(bytes: number): SharedMemory {
    const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
    const wasm = this.#core === 'wasm' && pages <= this.#maxPages ? this.#takeWasm(pages) : null;
    if (wasm === null) return plainMemory(bytes);
    FillCore.prepare(wasm);
    return { id: ++lastId, buffer: wasm.buffer, wasm };
  }

  release({ id, wasm }: SharedMemory): void {
    if (wasm !== null && id > this.#abandonedId) this.#spare = wasm;
  }

  /** A thread has died: others may still write for a moment to what has been taken so far. */
  abandon(): void {
    this.#abandonedId = lastId;
    this.#spare = null;
  }

  #takeWasm(pages: number): WasmMemory | null {
    const spare = this.#spare;
    this.#spare = null;
    try {
      if (spare !== null) {
        const held = spare.buffer.byteLength / WASM_PAGE_BYTES;
        new Uint8Array(spare.buffer, 0, Math.min(held, pages) * WASM_PAGE_BYTES).fill(0);
        if (held < pages) spare.grow(pages - held);
        return spare;
      }
      return new wasmApi!.Memory({ initial: pages, maximum: MAX_WASM_PAGES, shared: true });
    } catch (error) {
      // No room for it: plain memory needs no reserve of addresses.
      if (error instanceof RangeError) return null;
      throw error;
    }
  }
}
