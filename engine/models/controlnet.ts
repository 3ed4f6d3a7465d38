/** ControlNets ready to steer a UNet: loaded when they are first needed, and kept by the loader of all networks. */
import path from 'node:path';
import type { ControlNetConfig } from '../graphs/controlnet.ts';
import { controlNetConfig, emitControlNet, emitControlNetHint } from '../graphs/stable-diffusion-control.ts';
import { residualName } from '../graphs/unet-2d-condition.ts';
import type { Size } from '../image/bounds.ts';
import type { Tensor } from '../runtime/session.ts';
import type { LoadedNetwork } from './loaded-network.ts';
import type { NetworkLoader, NetworkNeeds, NetworkSource } from './network-loader.ts';
import { type OpenedFile, sourceOf } from './opened-file.ts';
import { type Conditioning, conditioningInputs, type UNetWork, unetSizes } from './stable-diffusion-unet.ts';

export interface ControlNetInput {
  /** [1, channels, height, width]: the latent that the UNet is shown, without what it is shown beside it. */
  readonly sample: Tensor;
  /** What its image came to (`encodeImage`). */
  readonly hint: Tensor;
  readonly conditionings: readonly Conditioning[];
  readonly timestep: number;
  /** Of a network for several kinds of maps: those of the hint's, as it numbers them. */
  readonly tasks?: readonly number[];
}

/** A map for a network for several kinds. */
export interface UnionCondition {
  readonly task: number;
  /** 1 where the residuals are scaled instead. */
  readonly scale: number;
}

/** One that is loaded. */
export interface LoadedControlNet {
  /** What it adds to each result of the UNet's way down and to the middle: for each text, or once for all of them. */
  residuals(input: ControlNetInput, signal: AbortSignal): Promise<readonly Tensor[]>;
}

/** One file as a job uses it. Holds no memory itself. */
export class ControlNetModel {
  readonly config: ControlNetConfig;
  /** Whether the mean of each residual's channels stands for it. */
  readonly isPooled: boolean;
  readonly #file: OpenedFile;
  readonly #hint: NetworkSource;
  readonly #network: NetworkSource;
  readonly #networks: NetworkLoader;

  constructor(
    file: OpenedFile,
    { isPooled, networks }: { readonly isPooled: boolean; readonly networks: NetworkLoader },
  ) {
    const { opened } = file;
    this.isPooled = isPooled;
    this.config = controlNetConfig(opened);
    this.#file = file;
    this.#hint = sourceOf(file, 'image encoder', (options) => emitControlNetHint(opened, options));
    this.#network = sourceOf(file, 'ControlNet', (options) => emitControlNet(opened, options));
    this.#networks = networks;
  }

  /** Tells its file, as it is now, from all others. */
  get key(): string {
    return this.#file.key;
  }

  /** The file, as a sentence names it. */
  get title(): string {
    return path.basename(this.#file.opened.file);
  }

  needs(work: UNetWork): NetworkNeeds {
    return this.#networks.needs(this.#network, unetSizes(work));
  }

  /** Of encoding an image of that size. */
  imageNeeds({ width, height }: Size): NetworkNeeds {
    return this.#networks.needs(this.#hint, { width, height });
  }

  /** What an image [1, 3, height, width] in 0..1 (-1 where there is none to see, for inpainting) comes to at every step. */
  encodeImage(image: Tensor, union: UnionCondition | undefined, signal: AbortSignal): Promise<Tensor> {
    const [, , height, width] = image.shape as [number, number, number, number];
    return this.#networks.use(this.#hint, { width, height }, async (network) => {
      const told = union && {
        task: { shape: [1, this.#tasks], data: this.#flags([union.task]) },
        condition_scale: { shape: [1, 1], data: Float32Array.of(union.scale) },
      };
      const [hint] = Object.values(await network.run({ control: image, ...told }, signal));
      return hint!;
    });
  }

  /** Runs `work` with the network, which stays loaded meanwhile. */
  use<Result>(work: UNetWork, run: (network: LoadedControlNet) => Promise<Result>): Promise<Result> {
    return this.#networks.use(this.#network, unetSizes(work), (network) =>
      run({ residuals: (input, signal) => this.#residuals(network, input, signal) }),
    );
  }

  async #residuals(
    network: LoadedNetwork,
    { sample, hint, conditionings, timestep, tasks }: ControlNetInput,
    signal: AbortSignal,
  ): Promise<readonly Tensor[]> {
    const outputs = await network.run(
      {
        sample,
        hint,
        timestep: { shape: [1], data: Float32Array.of(timestep) },
        ...conditioningInputs(conditionings),
        ...(tasks !== undefined && {
          control_type: { shape: [this.#tasks, 1], data: this.#flags(tasks) },
        }),
      },
      signal,
    );
    return this.config.residualChannels.map((_, index) => outputs[residualName(index)]!);
  }

  get #tasks(): number {
    return this.config.union?.tasks ?? 0;
  }

  #flags(tasks: readonly number[]): Float32Array {
    const flags = new Float32Array(this.#tasks);
    for (const task of tasks) flags[task] = 1;
    return flags;
  }
}
