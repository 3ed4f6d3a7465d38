/**
 * What a UNet and its ControlNets (arXiv 2302.05543) have in common: the embedding of the time, the residual blocks and
 * transformers on the way down, and those in the middle.
 */
import { EngineError } from '../errors.ts';
import type { Value } from '../onnx/graph-recorder.ts';
import type { AttentionConfig, Checkpoint } from '../weights/safetensors.ts';
import { type Layers, normGroups } from './layers.ts';
import { addResnetLayout, resnetBlock } from './resnet-block.ts';
import { axisSize, convLayout, largest, type MutableTensorLayout } from './tensor-layout.ts';
import { addTransformer2DLayout, transformer2D } from './transformer-2d.ts';
import { type EncoderKeys, type EncoderStep, maxUNetBlocks, type ResnetStep } from './unet-keys.ts';

export interface EncoderConfig {
  readonly names: EncoderKeys;
  readonly inChannels: number;
  /** Channels of the first convolution; the time is embedded in as many numbers. */
  readonly modelChannels: number;
  /** Width of the text's tokens; NaN where nothing attends to them. */
  readonly contextChannels: number;
  readonly projection: 'conv' | 'linear';
  /** What is said of its heads beside the weights. */
  readonly attention: AttentionConfig;
  /** In how many numbers it is told how strongly the prompt guides; a network that is not told has none. */
  readonly guidanceChannels?: number;
  /** In how many numbers it is told of the prompt as a whole and of sizes (SDXL); a network that is not told has none. */
  readonly labelChannels?: number;
}

export const resnetEpsilon = 1e-5;
/** The slowest wave of the time embedding is this many steps long, over 2 pi. */
const maxPeriod = 10000;

/** What the shapes of a network say whose blocks are `steps`. */
export function readEncoderConfig<Names extends EncoderKeys>(
  checkpoint: Checkpoint,
  names: Names,
  steps: readonly EncoderStep[],
): EncoderConfig & { readonly names: Names } {
  const size = (key: string, axis: number) => axisSize(checkpoint, `${key}.weight`, axis);
  const attentions = resnetSteps(steps).flatMap(({ attention }) => attention ?? []);
  const contexts = attentions.map((key) => size(`${key}.transformer_blocks.0.attn2.to_k`, 1));
  const guidanceChannels = checkpoint.tensors.get(`${names.guidanceProjection}.weight`)?.shape[1];
  const labelChannels = checkpoint.tensors.get(`${names.labelEmbedding[0]}.weight`)?.shape[1];
  return {
    names,
    attention: checkpoint.attention ?? {},
    ...(guidanceChannels !== undefined && { guidanceChannels }),
    ...(labelChannels !== undefined && { labelChannels }),
    inChannels: size(names.convIn, 1),
    modelChannels: size(names.convIn, 0),
    contextChannels: contexts.find((width) => !Number.isNaN(width)) ?? Number.NaN,
    projection: attentions.some((key) => checkpoint.tensors.get(`${key}.proj_in.weight`)?.shape.length === 2)
      ? 'linear'
      : 'conv',
  };
}

/** Throws `unsupported-architecture` for what fits together but is not a network that these files are made for. */
export function checkSteps(
  checkpoint: Checkpoint,
  config: EncoderConfig,
  { steps, network }: { readonly steps: readonly EncoderStep[]; readonly network: string },
): void {
  const { names, modelChannels, guidanceChannels = 0 } = config;
  const resnets = resnetSteps(steps);
  const widths = new Set([modelChannels, ...resnets.map((step) => stepWidth(checkpoint, names, step))]);
  const odd = [...widths].find((width) => width % normGroups !== 0);
  if (odd !== undefined) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a ${network} of widths that divide by ${normGroups} in ${checkpoint.file}, received one with ${odd}.`,
    );
  }
  for (const step of resnets) {
    if (step.attention === undefined) continue;
    const channels = stepWidth(checkpoint, names, step);
    const heads = headCount(channels, { ...config, level: step.level });
    if (Number.isInteger(heads) && heads >= 1 && channels % heads === 0) continue;
    throw new EngineError(
      'unsupported-architecture',
      `Expected the configuration of ${checkpoint.file} to have heads for each size that share its channels evenly, received ${heads} for ${channels} channels.`,
      { hint: 'Get the folder, or the .yaml beside the file, again from where the model was published.' },
    );
  }
  if (guidanceChannels % 2 !== 0 || guidanceChannels === 2) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a ${network} that is told of guidance in an even number of channels from 4 in ${checkpoint.file}, received ${guidanceChannels}.`,
    );
  }
}

function resnetSteps(steps: readonly EncoderStep[]): readonly ResnetStep[] {
  return steps.filter((step): step is ResnetStep => 'resnet' in step);
}

function stepWidth(checkpoint: Checkpoint, { resnetNames }: EncoderKeys, { resnet }: ResnetStep): number {
  return axisSize(checkpoint, `${resnet}.${resnetNames.conv1}.weight`, 0);
}

/** How many blocks a transformer has: as many as its keys speak of. */
function transformerDepth(checkpoint: Checkpoint, attention: string): number {
  const start = `${attention}.transformer_blocks.`;
  const numbers = [...checkpoint.tensors.keys()]
    .filter((key) => key.startsWith(start))
    .map((key) => Number.parseInt(key.slice(start.length), 10) || 0);
  const depth = Math.max(0, largest(numbers)) + 1;
  if (depth > maxUNetBlocks) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected transformers of at most ${maxUNetBlocks} blocks in ${checkpoint.file}, received one of ${depth}.`,
    );
  }
  return depth;
}

/** Every SD 1.x network has this many heads at every width. */
const convProjectionHeads = 8;
/** SD 2.x and SDXL heads are 64 wide; 16 is what diffusers' own test networks have, which are narrower than one such head. */
const linearProjectionHeadWidths = [64, 16] as const;

/**
 * How many attention heads a transformer of `channels` has at a level, which no shape tells: what the configuration says
 * (NaN where it leaves the level out), else 8 in networks with convolutions as projections (SD 1.x), and with linear
 * projections (SD 2.x, SDXL) as many as are 64 wide, or 16 where 64 does not divide.
 */
export function headCount(
  channels: number,
  {
    projection,
    attention,
    level,
  }: Pick<EncoderConfig, 'projection' | 'attention'> & {
    readonly level: number;
  },
): number {
  const { unetHeads, unetHeadWidth } = attention;
  if (unetHeads !== undefined) {
    return (unetHeads.length === 1 ? unetHeads[0] : unetHeads[level]) ?? Number.NaN;
  }
  if (unetHeadWidth !== undefined) return channels / unetHeadWidth;
  if (projection === 'conv') return convProjectionHeads;
  const width = linearProjectionHeadWidths.find((candidate) => channels % candidate === 0);
  return width === undefined ? 1 : channels / width;
}

/** The tensors that an encoder should have, written down one after another. */
export class EncoderLayout {
  readonly tensors: MutableTensorLayout = new Map();
  /** Channels of what the way down leaves, in its order. */
  readonly skips: number[] = [];
  /** Of what was made last. */
  channels: number;
  readonly #checkpoint: Checkpoint;
  readonly #config: EncoderConfig;
  /** Width of the time's embedding. */
  readonly time: number;

  constructor(checkpoint: Checkpoint, config: EncoderConfig) {
    this.#checkpoint = checkpoint;
    this.#config = config;
    const { names, inChannels, modelChannels, guidanceChannels, labelChannels } = config;
    const time = axisSize(checkpoint, `${names.timeEmbedding[0]}.weight`, 0);
    this.time = time;
    this.channels = modelChannels;
    this.add(names.timeEmbedding[0], [time, modelChannels]);
    this.add(names.timeEmbedding[1], [time, time]);
    if (guidanceChannels !== undefined) {
      this.tensors.set(`${names.guidanceProjection}.weight`, [modelChannels, guidanceChannels]);
    }
    if (labelChannels !== undefined) {
      this.add(names.labelEmbedding[0], [time, labelChannels]);
      this.add(names.labelEmbedding[1], [time, time]);
    }
    this.add(names.convIn, [modelChannels, inChannels, 3, 3]);
    this.skips.push(modelChannels);
    for (const step of names.down) {
      if ('downsample' in step) this.add(step.downsample, [this.channels, this.channels, 3, 3]);
      else this.addStep(step, this.channels);
      this.skips.push(this.channels);
    }
    for (const step of names.middle) this.addStep(step, this.channels);
  }

  add(key: string, shape: readonly number[]): void {
    for (const [name, size] of convLayout(key, shape)) this.tensors.set(name, size);
  }

  addStep(step: ResnetStep, input: number): void {
    const { names, contextChannels: context, projection } = this.#config;
    const channels = stepWidth(this.#checkpoint, names, step);
    this.channels = channels;
    addResnetLayout(this.tensors, this.#checkpoint, {
      key: step.resnet,
      names: names.resnetNames,
      sizes: { input, output: channels, time: this.time },
    });
    if (step.attention === undefined) return;
    const depth = transformerDepth(this.#checkpoint, step.attention);
    addTransformer2DLayout(this.tensors, step.attention, { channels, context, depth, projection });
  }
}

/** The inputs of such a network, and its blocks on them. */
export class EncoderBlocks {
  /** [N, C, H, W], or [1, C, H, W] when all of the batch begin alike. */
  readonly sample: Value;
  readonly #layers: Layers;
  readonly #checkpoint: Checkpoint;
  readonly #config: EncoderConfig;
  readonly #activatedTime: Value;
  readonly #texts: Value['shape'][0];
  readonly #isToldLabel: boolean;
  /** There where there is a transformer. */
  readonly #contextRows: Value | undefined;
  readonly #pictures: Value;
  readonly #batch: Value;

  /**
   * Declares `sample` float32 [N, C, H, W] or [1, C, H, W], `timestep` [1] in training steps (fractions allowed),
   * `encoder_hidden_states` [N, T, context]; where `guidanceChannels` says so `timestep_cond` [1, guidanceChannels], which
   * tells how strongly the prompt guides; where `labelChannels` says so `added_conditioning` [N, labelChannels], the prompt
   * as a whole and the waves of sizes. `embedMore` changes the time's embedding, [1 or N, time].
   */
  constructor(
    layers: Layers,
    { checkpoint, config }: { readonly checkpoint: Checkpoint; readonly config: EncoderConfig },
    embedMore: (time: Value) => Value = (time) => time,
  ) {
    const { builder } = layers;
    const { inChannels, contextChannels, guidanceChannels, labelChannels, names } = config;
    const input = (name: string, shape: Value['shape']) => builder.input({ name, dtype: 'float32', shape });
    this.#layers = layers;
    this.#checkpoint = checkpoint;
    this.#config = config;
    this.sample = input('sample', ['pictures', inChannels, 'height', 'width']);
    const timestep = input('timestep', [1]);
    const width = Number.isNaN(contextChannels) ? 'context_channels' : contextChannels;
    const context = input('encoder_hidden_states', ['batch', 'words', width]);
    const guidance =
      guidanceChannels === undefined ? undefined : input('timestep_cond', [1, guidanceChannels]);
    const label =
      labelChannels === undefined ? undefined : input('added_conditioning', ['batch', labelChannels]);
    const time = embedMore(embedTime(layers, { timestep, guidance }, config));
    this.#activatedTime = builder.silu(
      label === undefined ? time : builder.add(time, twoLayers(layers, label, names.labelEmbedding)),
    );
    this.#isToldLabel = label !== undefined;
    this.#texts = context.shape[0]!;
    this.#pictures = builder.sizes(this.sample, 0, 1);
    this.#batch = builder.sizes(context, 0, 1);
    this.#contextRows =
      width === 'context_channels'
        ? undefined
        : builder.reshape(context, [-1, width], { shape: ['contextRows', width] });
  }

  /** Of the first convolution, to what the way down leaves, itself first, and what comes out of the middle. */
  encode(first: Value): { readonly skips: readonly Value[]; readonly middle: Value } {
    const { down, middle } = this.#config.names;
    // What is told beside the texts differs with them, from the first block on.
    let hidden = this.#isToldLabel ? this.forEachText(first) : first;
    const skips = [hidden];
    for (const step of down) {
      if ('downsample' in step) {
        hidden = this.#layers.conv(hidden, step.downsample, { stride: 2 });
      } else {
        hidden = this.step(hidden, step);
      }
      skips.push(hidden);
    }
    for (const step of middle) hidden = this.step(hidden, step);
    return { skips, middle: hidden };
  }

  /** Of each text, what is computed once for all of them so far. */
  forEachText(value: Value): Value {
    return this.#isBeforeText(value)
      ? this.#layers.builder.repeatFirst(value, this.#batch, this.#texts)
      : value;
  }

  /** A residual block and the transformer behind it. What comes before the first text is computed once for all. */
  step(hidden: Value, { resnet, attention, level }: ResnetStep): Value {
    const result = resnetBlock(this.#layers, hidden, {
      key: resnet,
      names: this.#config.names.resnetNames,
      epsilon: resnetEpsilon,
      activatedTime: this.#activatedTime,
    });
    if (attention === undefined) return result;
    const transformer = {
      key: attention,
      depth: transformerDepth(this.#checkpoint, attention),
      heads: headCount(result.shape[1] as number, { ...this.#config, level }),
      contextRows: this.#contextRows!,
      batch: this.#batch,
    };
    const pictures = this.#pictures;
    return transformer2D(
      this.#layers,
      result,
      this.#isBeforeText(result) ? { ...transformer, pictures } : transformer,
    );
  }

  #isBeforeText({ shape }: Value): boolean {
    return shape[0] === this.sample.shape[0];
  }
}

/**
 * Cosines, then sines, of the time at falling frequencies (arXiv 1706.03762), with the strength of guidance added where
 * there is one (arXiv 2310.04378, section 4.2), through two layers: `[1, time]`.
 */
function embedTime(
  layers: Layers,
  { timestep, guidance }: { readonly timestep: Value; readonly guidance: Value | undefined },
  { names, modelChannels }: EncoderConfig,
): Value {
  const { builder } = layers;
  const waves = timestepWaves(layers, builder.reshape(timestep, [1, 1], { shape: [1, 1] }), modelChannels);
  const told =
    guidance === undefined
      ? waves
      : builder.add(waves, layers.linear(guidance, names.guidanceProjection, { bias: false }));
  return twoLayers(layers, told, names.timeEmbedding);
}

/** Cosines, then sines, of numbers `[rows, 1]` at falling frequencies: `[rows, channels]`. */
export function timestepWaves({ builder }: Layers, numbers: Value, channels: number): Value {
  const half = channels / 2;
  const frequencies = Array.from({ length: half }, (_, index) =>
    Math.exp((-Math.log(maxPeriod) * index) / half),
  );
  const frequency = builder.sharedConstant(`timestep.frequencies.${channels}`, [1, half], frequencies);
  const angles = builder.mul(numbers, frequency);
  return builder.concat([builder.cos(angles), builder.sin(angles)], 1);
}

export function twoLayers(layers: Layers, input: Value, [first, second]: readonly [string, string]): Value {
  return layers.linear(layers.builder.silu(layers.linear(input, first)), second);
}
