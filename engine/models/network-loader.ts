import path from 'node:path';
import type { Device } from '../api.ts';
import type { GraphStage } from '../onnx/graph-stage.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { LoadedModels } from './loaded-models.ts';
import { LoadedNetwork } from './loaded-network.ts';

/** Of two models' text encoder, UNet, and both halves of the autoencoder. */
const maxLoadedNetworks = 8;

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
    emit: () => readonly GraphStage[],
    work: (network: LoadedNetwork) => Promise<Result>,
  ): Promise<Result> {
    const load = () =>
      LoadedNetwork.load(emit(), { weightsFolder: path.dirname(checkpoint.file), device: this.#device() });
    return this.#loaded.use(key, load, work);
  }

  unloadAll(): Promise<void> {
    return this.#loaded.unloadAll();
  }
}
