import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Device } from '../api.ts';
import { detectUpscaler, emitUpscaler, type Upscaler } from '../graphs/upscaler.ts';
import { openSession, type Session, type Tensor } from '../runtime/session.ts';
import { openSafetensors } from '../weights/safetensors.ts';
import { LoadedModels } from './loaded-models.ts';

/**
 * Largest work of one stage, in multiply-adds for a tile. A run cannot be interrupted: this keeps it near 100 ms on two
 * cores (some 60 billion multiply-adds a second), so that a cancelled job stops at once.
 */
const maxStageMultiplyAdds = 7e9;

/** Side of a tile, in the network's input pixels: larger ones waste less on overlap, smaller ones need less memory. */
export const tileSize = 256;

/**
 * How far a pixel's surroundings still change it by more than 1/255, in input pixels: measured on the shipped weights
 * by cutting a photograph. The receptive fields are several times larger, but what is far away hardly counts.
 */
export const contextPixels: Readonly<Record<Upscaler['architecture'], number>> = {
  RRDBNet: 56,
  SRVGGNetCompact: 24,
};

interface LoadedStage {
  readonly session: Session;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Called after each stage, `stageCount` times a tile. */
  readonly onStage: () => void;
}

/** An upscaling network ready to run on tiles. */
export class LoadedUpscaler {
  readonly network: Upscaler;
  readonly #stages: readonly LoadedStage[];

  constructor(network: Upscaler, stages: readonly LoadedStage[]) {
    this.network = network;
    this.#stages = stages;
  }

  get stageCount(): number {
    return this.#stages.length;
  }

  /**
   * `image` float32 [1, C, H, W] in [0, 1] to [1, C, H * scale, W * scale], not clamped. Between stages the event loop
   * has its turn, and an aborted signal ends the run.
   */
  async run(image: Tensor, { signal, onStage }: RunOptions): Promise<Tensor> {
    const values = new Map<string, Tensor>([['image', image]]);
    for (const [index, { session, inputs }] of this.#stages.entries()) {
      await nextTurn();
      signal.throwIfAborted();
      const outputs = await session.run(Object.fromEntries(inputs.map((name) => [name, values.get(name)!])));
      for (const name of values.keys()) if (!this.#isNeededAfter(index, name)) values.delete(name);
      for (const [name, value] of Object.entries(outputs)) values.set(name, value);
      onStage();
    }
    return values.get('upscaled')!;
  }

  #isNeededAfter(index: number, name: string): boolean {
    return this.#stages.slice(index + 1).some(({ inputs }) => inputs.includes(name));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#stages.map(({ session }) => session.dispose()));
  }
}

export interface UpscalerLoaderOptions {
  /** The device to load on; asked at each load, because a failing device is given up. */
  readonly device: () => Device;
  readonly idleUnloadMs: number;
}

/** Loads upscalers and keeps them while they are in use. */
export class UpscalerLoader {
  readonly #device: () => Device;
  readonly #loaded: LoadedModels<LoadedUpscaler>;

  constructor({ device, idleUnloadMs }: UpscalerLoaderOptions) {
    this.#device = device;
    this.#loaded = new LoadedModels({ idleUnloadMs });
  }

  /** Runs `work` with the upscaler of that weights file. Throws what opening the file throws. */
  use<R>(file: string, work: (upscaler: LoadedUpscaler) => Promise<R>): Promise<R> {
    return this.#loaded.use(file, () => loadUpscaler(file, this.#device()), work);
  }

  unloadAll(): Promise<void> {
    return this.#loaded.unloadAll();
  }
}

async function loadUpscaler(file: string, device: Device): Promise<LoadedUpscaler> {
  const checkpoint = await openSafetensors(file);
  const network = detectUpscaler(checkpoint);
  // A GPU computes a whole tile within the time of a stage, and every cut costs it a round trip of the features.
  const budget = device === 'cpu' ? { maxMultiplyAddsPerPixel: maxStageMultiplyAdds / tileSize ** 2 } : {};
  const weightsFolder = path.dirname(checkpoint.file);
  const stages: LoadedStage[] = [];
  try {
    for (const { model, inputs, outputs } of await emitUpscaler(checkpoint, budget)) {
      stages.push({ session: await openSession(model, { weightsFolder, device }), inputs, outputs });
    }
  } catch (error) {
    await Promise.all(stages.map(({ session }) => session.dispose()));
    throw error;
  }
  return new LoadedUpscaler(network, stages);
}
