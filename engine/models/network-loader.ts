import path from 'node:path';
import type { Device } from '../api.ts';
import type { EmitOptions } from '../graphs/layers.ts';
import type { GraphStage } from '../onnx/graph-stage.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { LoadedModels } from './loaded-models.ts';
import { LoadedNetwork } from './loaded-network.ts';

/** Of one model: text encoder, UNet, and both halves of the autoencoder. */
const maxLoadedNetworks = 4;

/** A weights file, and a text that tells it, as it is now, from all others. */
export interface NetworkSource {
  readonly checkpoint: Checkpoint;
  readonly key: string;
}

/** Loads networks of any model and keeps them while there is memory for them. */
export class NetworkLoader {
  readonly #device: () => Device;
  readonly #loaded = new LoadedModels<LoadedNetwork>({ maxLoaded: maxLoadedNetworks });

  constructor(device: () => Device) {
    this.#device = device;
  }

  use<Result>(
    { checkpoint, key }: NetworkSource,
    emit: (options: EmitOptions) => readonly GraphStage[],
    work: (network: LoadedNetwork) => Promise<Result>,
  ): Promise<Result> {
    const device = this.#device();
    const options: EmitOptions = {
      // CoreML has the standard's operators only.
      operators: device === 'coreml' ? 'onnx' : 'onnxruntime',
      // Others have convolutions that are faster than products of ours.
      convolutions: device === 'cpu' ? 'winograd' : 'direct',
    };
    const load = () =>
      LoadedNetwork.load(emit(options), { weightsFolder: path.dirname(checkpoint.file), device });
    return this.#loaded.use(key, load, work);
  }

  unloadAll(): Promise<void> {
    return this.#loaded.unloadAll();
  }
}
