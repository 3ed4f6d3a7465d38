import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Device } from '../api.ts';
import { detectUpscaler, emitUpscaler, type Upscaler } from '../graphs/upscaler.ts';
import type { Size } from '../image/bounds.ts';
import { planTiles, type TilingOptions } from '../image/tiles.ts';
import type { Tensor } from '../runtime/session.ts';
import { openCheckpoint } from '../weights/open-checkpoint.ts';
import type { LoadedModels } from './loaded-models.ts';
import { networkMemory } from './network-memory.ts';
import { disposeStages, isNeededAfter, type LoadedStage, openStages } from './open-stages.ts';
import { type PartOptions, planParts, runInParts } from './stage-parts.ts';

/** How a device is given its work. */
interface DevicePlan {
  /** Side of a tile, in the network's input pixels: larger ones waste less on overlap, smaller ones need less memory. */
  readonly tileSize: number;
  /** Stages are cut so that none needs more than this for a pixel. */
  readonly maxMultiplyAddsPerPixel?: number;
  /** Largest work of one run, which cannot be interrupted. */
  readonly maxMultiplyAdds: number;
}

/**
 * On the CPU a run is kept near 100 ms of two cores (some 60 billion multiply-adds a second), by short stages run in
 * parts; a tile is then only a limit on memory (64 features of 4 bytes, four of them at a time: 0.6 GB).
 */
const cpuPlan: DevicePlan = { tileSize: 768, maxMultiplyAddsPerPixel: 250_000, maxMultiplyAdds: 7e9 };

/** A GPU runs a tile in a fraction of that time, and every cut would cost it a round trip of the features. */
const gpuPlan: DevicePlan = { tileSize: 256, maxMultiplyAdds: Number.POSITIVE_INFINITY };

/**
 * How far a pixel's surroundings still change it by more than 1/255, in input pixels: measured on the shipped weights
 * by cutting a photograph. The receptive fields are several times larger, but what is far away hardly counts.
 */
const contextPixels: Readonly<Record<Upscaler['architecture'], number>> = {
  RRDBNet: 56,
  SRVGGNetCompact: 24,
};

/** Four times 64 features, and the result. */
const bytesPerTilePixel = 4 * 64 * 4 + 3 * 16 * 4;

/** Width of the fade between two tiles, in input pixels. */
const fadePixels = 8;

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Called as often as `countRuns` says. */
  readonly onRun: () => void;
}

/** An upscaling network ready to run on tiles. */
export class LoadedUpscaler {
  readonly network: Upscaler;
  readonly #stages: readonly LoadedStage[];
  readonly #plan: DevicePlan;

  constructor(network: Upscaler, stages: readonly LoadedStage[], plan: DevicePlan) {
    this.network = network;
    this.#stages = stages;
    this.#plan = plan;
  }

  /** How to cut a picture so that the result differs from that of the whole by at most 1/255. */
  get tiling(): TilingOptions {
    return tilingOf(this.network, this.#plan);
  }

  /** Runs of the runtime for one tile of that size. */
  countRuns(width: number, height: number): number {
    return this.#stages.reduce((sum, stage) => sum + planParts(stage, this.#parts(width, height)).length, 0);
  }

  /**
   * `image` float32 [1, C, H, W] in [0, 1] to [1, C, H * scale, W * scale], not clamped. Between runs the event loop has
   * its turn, and an aborted signal ends it.
   */
  async run(image: Tensor, { signal, onRun }: RunOptions): Promise<Tensor> {
    const [, , height, width] = image.shape;
    const parts = { ...this.#parts(width, height), signal, onPart: onRun };
    const values = new Map<string, Tensor>([['image', image]]);
    for (const [index, stage] of this.#stages.entries()) {
      const outputs = await runInParts(stage, values, parts);
      for (const name of values.keys())
        if (!isNeededAfter(this.#stages, { index, name })) values.delete(name);
      for (const [name, value] of outputs) values.set(name, value);
    }
    return values.get('upscaled')!;
  }

  async dispose(): Promise<void> {
    await disposeStages(this.#stages);
  }

  #parts(width: number, height: number): PartOptions {
    const { maxMultiplyAdds } = this.#plan;
    return { width, height, multiple: this.network.sizeMultiple, maxMultiplyAdds };
  }
}

export interface UpscalerUse {
  /** Of its weights. */
  readonly file: string;
  /** Size of what is to be enlarged. */
  readonly picture: Size;
}

/** Loads upscalers and keeps them while they are in use. */
export class UpscalerLoader {
  readonly #device: () => Device;
  readonly #loaded: LoadedModels;

  /** `device` is asked at each load, because a failing one is given up. */
  constructor(device: () => Device, loaded: LoadedModels) {
    this.#device = device;
    this.#loaded = loaded;
  }

  /** Runs `work` with the upscaler of that weights file as it is now. Throws what opening the file throws. */
  async use<R>({ file, picture }: UpscalerUse, work: (upscaler: LoadedUpscaler) => Promise<R>): Promise<R> {
    const { mtimeMs, size } = await stat(file);
    const checkpoint = await openCheckpoint(file);
    const network = detectUpscaler(checkpoint);
    const device = this.#device();
    const plan = planFor(device);
    const stages = emitUpscaler(checkpoint, plan);
    const { weightBytes, loadBytes } = networkMemory(stages);
    const weightsFolder = path.dirname(checkpoint.file);
    return this.#loaded.use(
      {
        key: `${file}, ${size} bytes of ${mtimeMs}`,
        title: path.basename(file),
        bytes: weightBytes,
        loadBytes,
        workBytes: tileBytes(picture, tilingOf(network, plan)),
        load: async () =>
          new LoadedUpscaler(network, await openStages(stages, { weightsFolder, device }), plan),
      },
      work,
    );
  }

  /** The tiles that a network will be given, for an estimate. */
  tiling(network: Upscaler): TilingOptions {
    return tilingOf(network, planFor(this.#device()));
  }

  /** What all loaded networks and their work may take. */
  get budgetBytes(): number {
    return this.#loaded.budgetBytes;
  }
}

/** What a network holds while it works on a tile of a picture. */
export function tileBytes(picture: Size, tiling: TilingOptions): number {
  const { input } = planTiles(picture, tiling);
  return input.width * input.height * bytesPerTilePixel;
}

function planFor(device: Device): DevicePlan {
  return device === 'cpu' ? cpuPlan : gpuPlan;
}

function tilingOf(
  { architecture, sizeMultiple: multiple }: Upscaler,
  { tileSize }: DevicePlan,
): TilingOptions {
  const trim = contextPixels[architecture];
  return { tileSize, overlap: 2 * trim + fadePixels, trim, multiple };
}
