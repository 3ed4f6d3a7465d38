import type { MembraneKernels } from '../kernels/membrane-nodes.ts';
import type { SeamKernels } from '../kernels/seams.ts';
import { borderWeights, similarityWeights } from '../kernels/vote.ts';
import type { FieldLayout, FieldSelection, LevelLayout } from '../level.ts';
import { coreModule } from './core-module.ts';
import { type WasmMemory, wasmApi } from './web-assembly.ts';

/** What assembly/index.ts exports: addresses are byte offsets into the memory. */
interface CoreExports extends MembraneKernels, SeamKernels {
  setThread(scratch: number, similarityWeights: number, borderWeights: number): void;
  setLevel(width: number, height: number, radius: number, roles: number, distance: number, low: number): void;
  setTargets(left: number, top: number, columns: number, rows: number): void;
  setField(pixels: number, front: number, back: number, costs: number): void;
  searchPass(top: number, bottom: number, key: number, forward: boolean, searchRadius: number): number;
  adaptColours(top: number, bottom: number): void;
  voteBand(top: number, bottom: number, split: boolean): number;
  compositeBand(
    top: number,
    bottom: number,
    samples: number,
    mask: number,
    channels: number,
    bytesPerSample: number,
    copies: number,
  ): void;
  peelBegin(work: number): number;
  peelLayerSize(layer: number): number;
  peelMatch(layer: number, pass: number, from: number, to: number, key: number): void;
  peelVote(layer: number): number;
  colourFeatures(
    top: number,
    bottom: number,
    samples: number,
    channels: number,
    bytesPerSample: number,
  ): void;
  textureFeature(top: number, bottom: number): void;
  downsample(
    top: number,
    bottom: number,
    finePixels: number,
    fineRoles: number,
    fineWidth: number,
    fineHeight: number,
  ): void;
  lowBand(top: number, bottom: number): void;
  setSeams(copies: number, samples: number, channels: number, bytesPerSample: number): void;
}

/** Where the tables lie, and the scratch of each thread: the first bytes of a core's memory. */
const SIMILARITY_AT = 0;
const BORDER_AT = 1024;
const SCRATCH_AT = 2048;
/** Six rows of the widest level, four bytes a pixel, and the votes. */
const SCRATCH_BYTES = 1 << 20;

/** Bytes at the start of a memory that a core's threads keep to themselves. */
export function coreBytes(threads: number): number {
  return SCRATCH_AT + threads * SCRATCH_BYTES;
}

/** The WebAssembly core on one memory, for one thread. */
export class FillCore {
  readonly kernels: CoreExports;

  constructor(memory: WasmMemory, thread: number) {
    const module = coreModule();
    if (module === null || wasmApi === undefined)
      throw new Error('Expected a process that runs WebAssembly SIMD');
    this.kernels = new wasmApi.Instance(module, { env: { memory } }).exports as CoreExports;
    this.kernels.setThread(SCRATCH_AT + thread * SCRATCH_BYTES, SIMILARITY_AT, BORDER_AT);
  }

  /** Where it can run here. */
  static get isSupported(): boolean {
    return coreModule() !== null;
  }

  /** Writes the tables that all threads read. */
  static prepare(memory: WasmMemory): void {
    new Uint16Array(memory.buffer, SIMILARITY_AT, similarityWeights.length).set(similarityWeights);
    // Low and high bytes apart, sixteen each: what a swizzle looks up.
    const bytes = new Uint8Array(memory.buffer, BORDER_AT, 32);
    for (const [i, weight] of borderWeights.entries()) {
      bytes[i] = weight & 0xff;
      bytes[16 + i] = weight >> 8;
    }
  }

  /** What the next calls work on; `front` is the buffer with the current neighbours. */
  select({ level, field, front }: FieldSelection): CoreExports {
    const { kernels } = this;
    const { left, top, width, height } = level.targets;
    kernels.setLevel(level.width, level.height, level.radius, level.roles, level.distance, level.low);
    kernels.setTargets(left, top, width, height);
    kernels.setField(
      field.pixels,
      field.neighbours[front],
      field.neighbours[front === 0 ? 1 : 0],
      field.costs,
    );
    return kernels;
  }

  selectLevel(level: LevelLayout, field: FieldLayout = level.fields[0]!): CoreExports {
    return this.select({ level, field, front: 0 });
  }
}
