/** Stable Diffusion checkpoints ready to draw: text encoders, UNet and autoencoder, each loaded when it is first needed. */
import path from 'node:path';
import type { Device, ModelFamily, ModelInfo, PredictionType } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { AdaptedWeight } from '../graphs/adapted-weights.ts';
import {
  type ControlSizes,
  controlSizes,
  emitTextEncoder,
  emitUNet,
  emitVaeDecoder,
  emitVaeEncoder,
  guidanceChannels,
  hasAutoencoder,
  labelChannels,
  textEncoders,
} from '../graphs/stable-diffusion.ts';
import type { Size } from '../image/bounds.ts';
import type { Sizes } from '../onnx/shape.ts';
import type { NoiseSource } from '../random/noise-source.ts';
import type { Tensor } from '../runtime/session.ts';
import { type PromptWindow, paddedIds, windowLength } from '../text/prompt.ts';
import { type TokenVectors, tokenVectors } from '../text/textual-inversion.ts';
import { emptyPromptKey } from '../weights/diffusers-config.ts';
import type { LoraPart } from '../weights/lora-modules.ts';
import { AdaptableNetwork } from './adaptable-network.ts';
import {
  Autoencoder,
  type AutoencoderHalf,
  type AutoencoderNeeds,
  type CodingOptions,
  latentPixelSide,
} from './autoencoder.ts';
import { ControlNetModel } from './controlnet.ts';
import { type FittedLoras, fitLoras, type LoraUse, noLoras } from './fit-loras.ts';
import {
  type FittedHypernetworks,
  fitHypernetworks,
  type Hypernetwork,
  type HypernetworkUse,
  noHypernetworks,
  readHypernetwork,
} from './hypernetwork.ts';
import { KeptFiles } from './kept-files.ts';
import type { LoadedModels } from './loaded-models.ts';
import { type Lora, readLora } from './lora.ts';
import { NetworkLoader, type NetworkNeeds, type NetworkSource } from './network-loader.ts';
import { type OpenedFile, openFile, sourceOf } from './opened-file.ts';
import { probePredictionType, probeSide } from './prediction-probe.ts';
import { poolsResiduals } from './residual-pooling.ts';
import { runUNet, type StableDiffusionUNet, type UNetWork, unetSizes } from './stable-diffusion-unet.ts';

/** Channels of a latent of all families. */
const latentChannels = 4;
/** Between the autoencoder's latents and those that the UNet was trained on. */
const latentScales = { sd1: 0.18215, sd2: 0.18215, sdxl: 0.13025, 'sdxl-refiner': 0.13025 } as const;
/** The autoencoder's log-variance is held to these, as in training. */
const logVarianceLimits = { min: -30, max: 20 } as const;
/** Padding of a prompt's window, by text encoder: CLIP-L repeats the end, OpenCLIP-H and bigG have zeros. */
const padTokenIds = {
  sd1: [49_407],
  sd2: [0],
  sdxl: [49_407, 0],
  'sdxl-refiner': [0],
} as const satisfies Readonly<Record<ModelFamily, readonly number[]>>;

/** One of a checkpoint's text encoders. */
export interface TextEncoder {
  /** How many numbers a token's vector has. */
  readonly width: number;
  readonly padTokenId: number;
}

/** What a text encoder makes of windows, one after the other. */
export interface EncodedText {
  /** Hidden states, [windows * 77, width]. */
  readonly states: Float32Array;
  /** Of the one that tells of a prompt as a whole (SDXL's second): that of the first window. */
  readonly pooled?: Float32Array;
}

export interface TextOptions {
  /** Which of the checkpoint's, from 0. */
  readonly encoder: number;
  readonly clipSkip: number;
  /** In place of the vocabulary's vectors for some of the ids; none without. */
  readonly own?: TokenVectors;
  readonly signal: AbortSignal;
}

/** What is known of a checkpoint before its networks are loaded. */
export interface StableDiffusionDescription
  extends Required<Pick<ModelInfo, 'family' | 'variant'>>,
    Pick<ModelInfo, 'resolution'> {
  /** Where nobody says it is found out when it is first needed. */
  readonly predictionType?: PredictionType;
  readonly hasZeroTerminalSnr: boolean;
}

export interface StableDiffusionFiles {
  readonly checkpoint: string;
  readonly vae?: string;
  readonly loras?: readonly LoraFile[];
  readonly hypernetworks?: readonly HypernetworkFile[];
}

/** An adaptation's file, and how strongly it changes the networks. */
export interface LoraFile extends Omit<LoraUse, 'lora'> {
  readonly file: string;
}

export interface HypernetworkFile extends Omit<HypernetworkUse, 'hypernetwork'> {
  readonly file: string;
}

/** One checkpoint as a job uses it. Holds no memory itself: its networks are the loader's. */
export class StableDiffusionModel {
  readonly description: StableDiffusionDescription;
  readonly #checkpoint: OpenedFile;
  readonly #unet: AdaptableNetwork;
  readonly #autoencoder: Autoencoder;
  readonly #shared: SharedByModels;
  readonly #loras: FittedLoras;
  readonly #hypernetworks: FittedHypernetworks;

  constructor(description: StableDiffusionDescription, files: OpenedFiles, shared: SharedByModels) {
    const { checkpoint, vae = checkpoint, loras = noLoras, hypernetworks = noHypernetworks } = files;
    const { networks } = shared;
    this.description = description;
    this.#autoencoder = new Autoencoder(
      {
        decoder: sourceOf(vae, 'VAE decoder', (options) => emitVaeDecoder(vae.opened, options)),
        encoder: sourceOf(vae, 'VAE encoder', (options) => emitVaeEncoder(vae.opened, options)),
      },
      networks,
    );
    this.#checkpoint = checkpoint;
    this.#shared = shared;
    this.#loras = loras;
    this.#hypernetworks = hypernetworks;
    this.#unet = this.#adaptable(unetSource(checkpoint, hypernetworks), 'unet');
  }

  /** The checkpoint's file, as a sentence names it. */
  get title(): string {
    return path.basename(this.#checkpoint.opened.file);
  }

  /** What the user should know of what changes the checkpoint: sentences. */
  get warnings(): readonly string[] {
    return [...this.#loras.warnings, ...this.#hypernetworks.warnings];
  }

  /** What all of the model's networks and their work may take. */
  get budgetBytes(): number {
    return this.#shared.networks.budgetBytes;
  }

  /** How many samples one step asks the UNet for. */
  samplesAtOnce(isGuided: boolean): number {
    if (!isGuided || this.isToldGuidance) return 1;
    // One for the prompt, one without it, and one without the picture that guides as well.
    return this.description.variant === 'pix2pix' ? 3 : 2;
  }

  /** Of each text encoder, for a prompt of one window. */
  textEncoderNeeds(clipSkip: number): readonly NetworkNeeds[] {
    return this.textEncoders.map((_, encoder) =>
      this.#textEncoder({ encoder, clipSkip }).needs(textSizes(1)),
    );
  }

  unetNeeds(work: UNetWork): NetworkNeeds {
    return this.#unet.needs(unetSizes(work));
  }

  /** Of a picture of that size. */
  autoencoderNeeds(half: AutoencoderHalf, size: Size): AutoencoderNeeds {
    const [, , height, width] = this.latentShape(size);
    return this.#autoencoder.needs(half, { width, height });
  }

  /** The latent of a picture of that size, [1, channels, height, width]. Both sides are multiples of 8. */
  latentShape({ width, height }: Size): readonly [number, number, number, number] {
    return [1, latentChannels, height / latentPixelSide, width / latentPixelSide];
  }

  /** The sizes that a ControlNet has to share to add to the UNet. */
  get controlSizes(): ControlSizes {
    return controlSizes(this.#checkpoint.opened);
  }

  /** In the order in which what they make of a prompt is joined. Throws where there is none that can be run. */
  get textEncoders(): readonly TextEncoder[] {
    const { family } = this.description;
    return textEncoders(this.#checkpoint.opened).map(({ channels }, index) => ({
      width: channels,
      padTokenId: padTokenIds[family][index]!,
    }));
  }

  /** How many numbers a token has for the UNet. */
  get textWidth(): number {
    return this.textEncoders.reduce((sum, { width }) => sum + width, 0);
  }

  /** Whether the UNet is told of the prompt as a whole, and of sizes (SDXL). */
  get isToldSizes(): boolean {
    return labelChannels(this.#checkpoint.opened) !== undefined;
  }

  /** Whether an empty negative prompt is nothing at all to the UNet, not what the text encoders make of no words. */
  get zeroesEmptyPrompt(): boolean {
    const said = this.#checkpoint.opened.metadata.get(emptyPromptKey);
    return said === undefined ? this.description.family === 'sdxl' : said === 'zeros';
  }

  /** Whether the UNet is told how strongly the prompt guides, and is not to be guided besides (LCM). */
  get isToldGuidance(): boolean {
    return guidanceChannels(this.#checkpoint.opened) !== undefined;
  }

  /** What the UNet predicts: what is said of it, else what it is found to, once for each file. */
  async predictionType(signal: AbortSignal): Promise<PredictionType> {
    const said = this.description.predictionType ?? this.#shared.foundTypes.get(this.#unet.key);
    if (said !== undefined) return said;
    const side = probeSide * latentPixelSide;
    const found = await this.useUNet({ size: { width: side, height: side }, batch: 1 }, (unet) =>
      probePredictionType(unet, { channels: latentChannels, width: this.textWidth, signal }),
    );
    this.#shared.foundTypes.set(this.#unet.key, found);
    return found;
  }

  async encodeText(
    windows: readonly Pick<PromptWindow, 'ids' | 'end'>[],
    options: TextOptions,
  ): Promise<EncodedText> {
    const { encoder, clipSkip, signal } = options;
    const { width, padTokenId } = this.textEncoders[encoder]!;
    const padded = windows.map((window) => paddedIds(window, padTokenId));
    const plain = { dim: width, vectors: new Map() };
    const { kept, vectors } =
      options.own ??
      tokenVectors(
        padded.map((ids) => ({ ids, embeddings: [] })),
        plain,
      );
    const shape = [windows.length, windowLength];
    const inputs = {
      input_ids: { shape, data: Int32Array.from(padded.flatMap((ids) => [...ids])) },
      kept: { shape: [...shape, 1], data: kept },
      vectors: { shape: [...shape, width], data: vectors },
    };
    const isPooled = textEncoders(this.#checkpoint.opened)[encoder]!.pooledChannels !== undefined;
    const textEncoder = this.#textEncoder({ encoder, clipSkip });
    return textEncoder.use(textSizes(windows.length), async (network, feeds) => {
      const { hidden_states: states, pooled } = await network.run(
        { ...inputs, ...feeds, ...(isPooled && { end: endsOf(windows) }) },
        signal,
      );
      return {
        states: states!.data,
        ...(pooled !== undefined && { pooled: pooled.data.slice(0, pooled.data.length / windows.length) }),
      };
    });
  }

  /** Runs `work` with the UNet, which stays loaded meanwhile. */
  useUNet<Result>(uNetWork: UNetWork, work: (unet: StableDiffusionUNet) => Promise<Result>): Promise<Result> {
    const { opened } = this.#checkpoint;
    const told = {
      toldChannels: guidanceChannels(opened),
      residualChannels: controlSizes(opened).residualChannels,
    };
    return this.#unet.use(unetSizes(uNetWork), (network, adapted) => {
      const feeds = { ...adapted, ...this.#hypernetworks.feeds };
      return work({
        predict: (inputs, options) => runUNet(network, inputs, { ...options, ...told, feeds }),
      });
    });
  }

  /** The image [1, 3, height, width], about in [-1, 1], of a latent as the UNet leaves it. */
  decode({ shape, data }: Tensor, options: CodingOptions): Promise<Tensor> {
    return this.#autoencoder.decode({ shape, data: data.map((value) => value / this.#latentScale) }, options);
  }

  /** A latent as the UNet takes it, of an image in [-1, 1], drawn from what the encoder is unsure of. */
  async encode(image: Tensor, { noise, ...options }: EncodeOptions): Promise<Tensor> {
    return sampleLatent(await this.#autoencoder.moments(image, options), {
      noise,
      scale: this.#latentScale,
    });
  }

  /** The likeliest latent of an image in [-1, 1], not scaled: what a pix2pix UNet is shown of a picture. */
  async encodeMean(image: Tensor, signal: AbortSignal): Promise<Tensor> {
    const { shape, data } = await this.#autoencoder.moments(image, { signal });
    const [, channels, height, width] = shape as [number, number, number, number];
    return { shape: [1, channels / 2, height, width], data: data.subarray(0, data.length / 2) };
  }

  get #latentScale(): number {
    return latentScales[this.description.family];
  }

  #textEncoder(options: { readonly encoder: number; readonly clipSkip: number }): AdaptableNetwork {
    const checkpoint = this.#checkpoint;
    const { encoder, clipSkip } = options;
    const which = encoder === 0 ? 'text encoder' : 'second text encoder';
    const name = clipSkip === 1 ? which : `${which} without ${clipSkip - 1}`;
    const source = sourceOf(checkpoint, name, ({ adapted }) =>
      emitTextEncoder(checkpoint.opened, { ...options, ...(adapted !== undefined && { adapted }) }),
    );
    const isSecond = textEncoders(checkpoint.opened)[encoder]!.pooledChannels !== undefined;
    return this.#adaptable(source, isSecond ? 'textEncoder2' : 'textEncoder');
  }

  #adaptable(source: NetworkSource, part: LoraPart): AdaptableNetwork {
    const { networks, adaptedWeights } = this.#shared;
    const adaptation = this.#loras.networks.get(part);
    return new AdaptableNetwork(source, { networks, adaptation, adaptedWeights });
  }
}

/** Its graph has the hypernetworks in it, their numbers are fed to it. */
function unetSource(checkpoint: OpenedFile, { modules }: FittedHypernetworks): NetworkSource {
  const emit: NetworkSource['emit'] = (options) =>
    emitUNet(checkpoint.opened, { ...options, hypernetworks: modules });
  const source = sourceOf(checkpoint, 'UNet', emit);
  return modules.length === 0
    ? source
    : { ...source, key: `${source.key}, hypernetworks ${JSON.stringify(modules)}` };
}

/** 1 where each window's end token is. */
function endsOf(windows: readonly Pick<PromptWindow, 'end'>[]): Tensor {
  const data = new Float32Array(windows.length * windowLength);
  for (const [index, { end }] of windows.entries()) data[index * windowLength + end] = 1;
  return { shape: [windows.length, 1, windowLength], data };
}

/** What symbols in the graphs' shapes stand for. */
function textSizes(windows: number): Sizes {
  return { batch: windows, tokens: windows * windowLength };
}

export interface EncodeOptions extends CodingOptions {
  readonly noise: NoiseSource;
}

/** Mean plus deviation times noise (arXiv 1312.6114), scaled to what the UNet was trained on. */
function sampleLatent(
  { shape, data }: Tensor,
  { noise, scale }: { readonly noise: NoiseSource; readonly scale: number },
): Tensor {
  const [, channels, height, width] = shape as [number, number, number, number];
  const length = data.length / 2;
  const drawn = noise.normal(length);
  const { min, max } = logVarianceLimits;
  const latent = drawn.map((value, i) => {
    const logVariance = Math.min(max, Math.max(min, data[length + i]!));
    return (data[i]! + Math.exp(logVariance / 2) * value) * scale;
  });
  return { shape: [1, channels / 2, height, width], data: latent };
}

interface OpenedFiles {
  readonly checkpoint: OpenedFile;
  readonly vae?: OpenedFile;
  readonly loras?: FittedLoras;
  readonly hypernetworks?: FittedHypernetworks;
}

interface SharedByModels {
  readonly networks: NetworkLoader;
  /** What UNets were found to predict, by the key of their file as it was. */
  readonly foundTypes: Map<string, PredictionType>;
  /** What graphs can be changed in, by their key. */
  readonly adaptedWeights: Map<string, readonly AdaptedWeight[]>;
}

export class StableDiffusionLoader {
  readonly #shared: SharedByModels;
  readonly #loras = new KeptFiles<Lora>(readLora);
  readonly #hypernetworks = new KeptFiles<Hypernetwork>(readHypernetwork);

  /** `device` is asked at each load, because a failing one is given up. */
  constructor(device: () => Device, loaded: LoadedModels) {
    this.#shared = {
      networks: new NetworkLoader(device, loaded),
      foundTypes: new Map(),
      adaptedWeights: new Map(),
    };
  }

  /** Reads headers, and what changes the checkpoint whole. Throws what is wrong with the files. */
  async open(
    { checkpoint, vae, loras = [], hypernetworks = [] }: StableDiffusionFiles,
    description: StableDiffusionDescription,
  ): Promise<StableDiffusionModel> {
    const files = {
      checkpoint: await openFile(checkpoint),
      ...(vae !== undefined && { vae: await openFile(vae) }),
    };
    const { opened } = files.vae ?? files.checkpoint;
    if (!hasAutoencoder(opened)) {
      throw new EngineError(
        'unsupported-architecture',
        `Expected an autoencoder in ${opened.file}, received a checkpoint without one.`,
        { hint: 'Give one with `--vae`: a VAE, or another checkpoint of the same family.' },
      );
    }
    const uses: LoraUse[] = [];
    for (const { file, ...use } of loras) {
      uses.push({ lora: await this.#loras.read(file), ...use });
    }
    const others: HypernetworkUse[] = [];
    for (const { file, strength } of hypernetworks) {
      others.push({ hypernetwork: await this.#hypernetworks.read(file), strength });
    }
    const fitted = {
      loras: fitLoras(uses, files.checkpoint.opened),
      hypernetworks: fitHypernetworks(others, files.checkpoint.opened),
    };
    return new StableDiffusionModel(description, { ...files, ...fitted }, this.#shared);
  }

  /** Reads the header only. Throws what is wrong with the file. */
  async openControlNet(file: string): Promise<ControlNetModel> {
    const opened = await openFile(file);
    return new ControlNetModel(opened, {
      isPooled: await poolsResiduals(file),
      networks: this.#shared.networks,
    });
  }
}
