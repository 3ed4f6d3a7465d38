/** Stable Diffusion checkpoints ready to draw: text encoder, UNet and autoencoder, each loaded when it is first needed. */
import { stat } from 'node:fs/promises';
import type { Device, ModelInfo, PredictionType } from '../api.ts';
import {
  emitTextEncoder,
  emitUNet,
  emitVaeDecoder,
  emitVaeEncoder,
  textEncoderWidth,
} from '../graphs/stable-diffusion.ts';
import type { Size } from '../image/bounds.ts';
import type { NoiseSource } from '../random/noise-source.ts';
import type { Tensor } from '../runtime/session.ts';
import { windowLength } from '../text/prompt.ts';
import { type TokenVectors, tokenVectors } from '../text/textual-inversion.ts';
import { openCheckpoint } from '../weights/open-checkpoint.ts';
import type { LoadedNetwork } from './loaded-network.ts';
import { NetworkLoader, type NetworkSource } from './network-loader.ts';

/** Channels of a latent, and how many pixels one of its pixels stands for along a side: of both families. */
const latentChannels = 4;
const latentPixelSide = 8;
/** Between the autoencoder's latents and those that the UNet was trained on. */
const latentScale = 0.18215;
/** The autoencoder's log-variance is held to these, as in training. */
const logVarianceLimits = { min: -30, max: 20 } as const;
/** Padding of a prompt's window, by text encoder: CLIP-L repeats the end, OpenCLIP-H has zeros. */
const padTokenIds = { sd1: 49_407, sd2: 0 } as const;

/** Hidden states of a prompt, [tokens, width]. */
export interface Conditioning {
  readonly tokens: number;
  readonly states: Float32Array;
}

export interface TextOptions {
  readonly clipSkip: number;
  /** In place of the vocabulary's vectors for some of the ids; none without. */
  readonly own?: TokenVectors;
  readonly signal: AbortSignal;
}

export interface UNetInput {
  /** [1, channels, height, width] */
  readonly sample: Tensor;
  readonly conditioning: Conditioning;
}

export interface PredictOptions {
  readonly timestep: number;
  readonly signal: AbortSignal;
}

export interface StableDiffusionUNet {
  /** What it predicts in one run: a latent for each input, one after the other. All of one size and as many tokens. */
  predict(inputs: readonly UNetInput[], options: PredictOptions): Promise<Float32Array>;
}

/** What is known of a checkpoint before its networks are loaded. */
export interface StableDiffusionDescription
  extends Required<Pick<ModelInfo, 'family' | 'variant'>>,
    Pick<ModelInfo, 'resolution'> {
  readonly predictionType: PredictionType;
  readonly hasZeroTerminalSnr: boolean;
}

export interface StableDiffusionFiles {
  readonly checkpoint: string;
  readonly vae?: string;
}

/** Which networks a model is loaded as. Sessions are kept, the one unused longest going first where memory is short. */
type Component = 'text-encoder' | 'unet' | 'vae-decoder' | 'vae-encoder';

/** One checkpoint as a job uses it. Holds no memory itself: its networks are the loader's. */
export class StableDiffusionModel {
  readonly description: StableDiffusionDescription;
  readonly #sources: Readonly<Record<Component, NetworkSource>>;
  readonly #networks: NetworkLoader;

  constructor(
    description: StableDiffusionDescription,
    sources: Readonly<Record<Component, NetworkSource>>,
    networks: NetworkLoader,
  ) {
    this.description = description;
    this.#sources = sources;
    this.#networks = networks;
  }

  get padTokenId(): number {
    return padTokenIds[this.description.family];
  }

  /** The latent of a picture of that size, [1, channels, height, width]. Both sides are multiples of 8. */
  latentShape({ width, height }: Size): readonly [number, number, number, number] {
    return [1, latentChannels, height / latentPixelSide, width / latentPixelSide];
  }

  /** How many numbers a token's vector has. Throws where the checkpoint has no text encoder that can be run. */
  get textWidth(): number {
    return textEncoderWidth(this.#sources['text-encoder'].checkpoint);
  }

  /** Hidden states [ids, width] of windows of 77 ids, one after the other. */
  async encodeText(ids: Int32Array, options: TextOptions): Promise<Float32Array> {
    const { clipSkip, signal } = options;
    const width = this.textWidth;
    const plain = { dim: width, vectors: new Map() };
    const { kept, vectors } = options.own ?? tokenVectors([{ ids, embeddings: [] }], plain);
    const { checkpoint, key } = this.#sources['text-encoder'];
    const load = { checkpoint, key: `${key}, text encoder without ${clipSkip - 1}` };
    return this.#networks.use(
      load,
      () => emitTextEncoder(checkpoint, { clipSkip }),
      async (network) => {
        const shape = [ids.length / windowLength, windowLength];
        const { hidden_states: states } = await network.run(
          {
            input_ids: { shape, data: ids },
            kept: { shape: [...shape, 1], data: kept },
            vectors: { shape: [...shape, width], data: vectors },
          },
          signal,
        );
        return states!.data;
      },
    );
  }

  /** Runs `work` with the UNet, which stays loaded meanwhile. */
  useUNet<Result>(work: (unet: StableDiffusionUNet) => Promise<Result>): Promise<Result> {
    const { checkpoint, key } = this.#sources.unet;
    const load = { checkpoint, key: `${key}, UNet` };
    return this.#networks.use(
      load,
      (options) => emitUNet(checkpoint, options),
      (network) => work({ predict: (inputs, options) => predict(network, inputs, options) }),
    );
  }

  /** The image [1, 3, height, width], about in [-1, 1], of a latent as the UNet leaves it. */
  async decode({ shape, data }: Tensor, signal: AbortSignal): Promise<Tensor> {
    const { checkpoint, key } = this.#sources['vae-decoder'];
    const load = { checkpoint, key: `${key}, VAE decoder` };
    const latent = { shape, data: data.map((value) => value / latentScale) };
    return this.#networks.use(
      load,
      (options) => emitVaeDecoder(checkpoint, options),
      async (network) => {
        const { image } = await network.run({ latent }, signal);
        return image!;
      },
    );
  }

  /** A latent as the UNet takes it, of an image in [-1, 1], drawn from what the encoder is unsure of. */
  async encode(image: Tensor, { noise, signal }: EncodeOptions): Promise<Tensor> {
    return sampleLatent(await this.#momentsOf(image, signal), noise);
  }

  /** The likeliest latent of an image in [-1, 1], not scaled: what a pix2pix UNet is shown of a picture. */
  async encodeMean(image: Tensor, signal: AbortSignal): Promise<Tensor> {
    const { shape, data } = await this.#momentsOf(image, signal);
    const [, channels, height, width] = shape as [number, number, number, number];
    return { shape: [1, channels / 2, height, width], data: data.subarray(0, data.length / 2) };
  }

  /** Means, then log variances, of what the autoencoder makes of an image. */
  async #momentsOf(image: Tensor, signal: AbortSignal): Promise<Tensor> {
    const { checkpoint, key } = this.#sources['vae-encoder'];
    const load = { checkpoint, key: `${key}, VAE encoder` };
    return this.#networks.use(
      load,
      (options) => emitVaeEncoder(checkpoint, options),
      async (network) => {
        const { moments } = await network.run({ image }, signal);
        return moments!;
      },
    );
  }
}

export interface EncodeOptions {
  readonly noise: NoiseSource;
  readonly signal: AbortSignal;
}

/** Mean plus deviation times noise (arXiv 1312.6114), scaled to what the UNet was trained on. */
function sampleLatent({ shape, data }: Tensor, noise: NoiseSource): Tensor {
  const [, channels, height, width] = shape as [number, number, number, number];
  const length = data.length / 2;
  const drawn = noise.normal(length);
  const { min, max } = logVarianceLimits;
  const latent = drawn.map((value, i) => {
    const logVariance = Math.min(max, Math.max(min, data[length + i]!));
    return (data[i]! + Math.exp(logVariance / 2) * value) * latentScale;
  });
  return { shape: [1, channels / 2, height, width], data: latent };
}

async function predict(
  network: LoadedNetwork,
  inputs: readonly UNetInput[],
  { timestep, signal }: PredictOptions,
): Promise<Float32Array> {
  const batch = inputs.length;
  const [{ sample, conditioning }] = inputs as readonly [UNetInput];
  const { tokens, states } = conditioning;
  // Guidance shows one sample with several texts; pix2pix shows samples of its own with each.
  const samples = inputs.every((input) => input.sample.data === sample.data)
    ? [sample.data]
    : inputs.map((input) => input.sample.data);
  const { noise_pred: output } = await network.run(
    {
      sample: {
        shape: [samples.length, ...sample.shape.slice(1)],
        data: joined(samples),
      },
      timestep: { shape: [1], data: Float32Array.of(timestep) },
      encoder_hidden_states: {
        shape: [batch, tokens, states.length / tokens],
        data: joined(inputs.map((input) => input.conditioning.states)),
      },
    },
    signal,
  );
  return output!.data;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export class StableDiffusionLoader {
  readonly #networks: NetworkLoader;

  /** `device` is asked at each load, because a failing one is given up. */
  constructor(device: () => Device) {
    this.#networks = new NetworkLoader(device);
  }

  /** Reads headers only. Throws what is wrong with the files. */
  async open(
    { checkpoint, vae }: StableDiffusionFiles,
    description: StableDiffusionDescription,
  ): Promise<StableDiffusionModel> {
    const own = await openSource(checkpoint);
    const autoencoder = vae === undefined ? own : await openSource(vae);
    return new StableDiffusionModel(
      description,
      { 'text-encoder': own, unet: own, 'vae-decoder': autoencoder, 'vae-encoder': autoencoder },
      this.#networks,
    );
  }

  unloadAll(): Promise<void> {
    return this.#networks.unloadAll();
  }
}

async function openSource(file: string): Promise<NetworkSource> {
  const { mtimeMs, size } = await stat(file);
  return { checkpoint: await openCheckpoint(file), key: `${file}, ${size} bytes of ${mtimeMs}` };
}
