import path from 'node:path';
import type { Device } from '../api.ts';
import type { EmitOptions } from '../graphs/layers.ts';
import type { GraphStage } from '../onnx/graph-stage.ts';
import type { Sizes } from '../onnx/shape.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import type { LoadedModels } from './loaded-models.ts';
import { LoadedNetwork } from './loaded-network.ts';
import { type NetworkMemory, networkMemory } from './network-memory.ts';

/** First guesses, before a network has been loaded and has run: of two ordinary cores, with the file in the system's cache. */
const assumed = {
  multiplyAddsPerSecond: 35e9,
  /** However little there is to do. */
  runMs: 40,
  loadedBytesPerSecond: 700e6,
  loadMs: 400,
} as const;

/** A network of a weights file. */
export interface NetworkSource {
  readonly checkpoint: Checkpoint;
  /** Tells it, as its file is now, from all other networks. */
  readonly key: string;
  /** The network as a sentence names it. */
  readonly title: string;
  readonly emit: (options: EmitOptions) => readonly GraphStage[];
}

/** What a network takes for a piece of work. */
export interface NetworkNeeds extends Pick<NetworkMemory, 'weightBytes' | 'loadBytes'> {
  readonly workBytes: number;
  /** Of one run, as fast as this network has been here, or as a first guess. */
  readonly runMs: number;
  /** 0 where it is loaded. */
  readonly loadMs: number;
}

/** Loads networks of any model and keeps them while there is memory for them. */
export class NetworkLoader {
  readonly #device: () => Device;
  readonly #loaded: LoadedModels;
  readonly #memory = new Map<string, NetworkMemory>();
  /** Milliseconds of a multiply-add of networks that have run. */
  readonly #paces = new Map<string, number>();

  /** `device` is asked at each load, because a failing one is given up. */
  constructor(device: () => Device, loaded: LoadedModels) {
    this.#device = device;
    this.#loaded = loaded;
  }

  /** What all networks and their work may take. */
  get budgetBytes(): number {
    return this.#loaded.budgetBytes;
  }

  needs(source: NetworkSource, sizes: Sizes): NetworkNeeds {
    const { weightBytes, loadBytes, workBytes, multiplyAdds } = this.#memoryOf(source);
    const pace = this.#paces.get(source.key);
    const work = multiplyAdds(sizes);
    return {
      weightBytes,
      loadBytes,
      workBytes: workBytes(sizes),
      runMs: pace === undefined ? assumed.runMs + (1000 * work) / assumed.multiplyAddsPerSecond : pace * work,
      loadMs: this.#loaded.has(source.key)
        ? 0
        : assumed.loadMs + (1000 * weightBytes) / assumed.loadedBytesPerSecond,
    };
  }

  /** Runs `work` with the network, which is given inputs of those sizes. Throws what loading throws, and `out-of-memory`. */
  use<Result>(
    source: NetworkSource,
    sizes: Sizes,
    work: (network: LoadedNetwork) => Promise<Result>,
  ): Promise<Result> {
    const { checkpoint, key, title, emit } = source;
    const device = this.#device();
    const { weightBytes, loadBytes, workBytes } = this.needs(source, sizes);
    const load = () =>
      LoadedNetwork.load(emit(this.#emitOptions), { weightsFolder: path.dirname(checkpoint.file), device });
    return this.#loaded.use(
      { key, title, bytes: weightBytes, loadBytes, workBytes, load },
      async (network) => {
        const { runs, runMs } = network;
        const result = await work(network);
        const multiplyAdds = (network.runs - runs) * this.#memoryOf(source).multiplyAdds(sizes);
        if (multiplyAdds > 0) this.#paces.set(key, (network.runMs - runMs) / multiplyAdds);
        return result;
      },
    );
  }

  get #emitOptions(): EmitOptions {
    const device = this.#device();
    return {
      // CoreML has the standard's operators only.
      operators: device === 'coreml' ? 'onnx' : 'onnxruntime',
      // Others have convolutions that are faster than products of ours.
      convolutions: device === 'cpu' ? 'winograd' : 'direct',
    };
  }

  #memoryOf({ key, emit }: NetworkSource): NetworkMemory {
    const known = `${key} on ${this.#device()}`;
    let memory = this.#memory.get(known);
    if (memory === undefined) {
      memory = networkMemory(emit(this.#emitOptions));
      this.#memory.set(known, memory);
    }
    return memory;
  }
}
