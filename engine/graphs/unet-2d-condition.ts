/**
 * UNet2DConditionModel, the denoiser of Stable Diffusion 1.x and 2.x (arXiv 2112.10752): residual blocks and
 * transformers on the way down and, joined to what the way down left, on the way up.
 */
import { EngineError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../onnx/graph-recorder.ts';
import type { AttentionConfig, Checkpoint } from '../weights/safetensors.ts';
import { type EmitOptions, Layers, normGroups } from './layers.ts';
import { Parameters } from './parameters.ts';
import { addResnetLayout, resnetBlock } from './resnet-block.ts';
import { axisSize, checkTensors, convLayout, largest, type MutableTensorLayout } from './tensor-layout.ts';
import { addTransformer2DLayout, transformer2D } from './transformer-2d.ts';
import { findUNetKeys, maxUNetBlocks, type ResnetStep, type UNetKeys } from './unet-keys.ts';

export interface UNetConfig {
  readonly names: UNetKeys;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Channels of the first convolution; the time is embedded in as many numbers. */
  readonly modelChannels: number;
  /** Width of the text's tokens. */
  readonly contextChannels: number;
  readonly projection: 'conv' | 'linear';
  /** What is said of its heads beside the weights. */
  readonly attention: AttentionConfig;
  /** In how many numbers it is told how strongly the prompt guides; a network that is not told has none. */
  readonly guidanceChannels?: number;
}

const resnetEpsilon = 1e-5;
/** The slowest wave of the time embedding is this many steps long, over 2 pi. */
const maxPeriod = 10000;

/**
 * What the header says the network is; `undefined` where it is no UNet. Throws `tensor-mismatch` where it looks like one
 * but does not fit, `unsupported-architecture` where it fits but cannot be run.
 */
export function detectUNetConfig(checkpoint: Checkpoint): UNetConfig | undefined {
  const found = findUNetKeys(checkpoint.tensors.keys());
  if (found === undefined) return undefined;
  const { names, prefix } = found;
  const size = (key: string, axis: number) => axisSize(checkpoint, `${key}.weight`, axis);
  const attentions = attentionKeys(names);
  const contexts = attentions.map((key) => size(`${key}.transformer_blocks.0.attn2.to_k`, 1));
  const guidanceChannels = checkpoint.tensors.get(`${names.guidanceProjection}.weight`)?.shape[1];
  const config: UNetConfig = {
    names,
    attention: checkpoint.attention ?? {},
    ...(guidanceChannels !== undefined && { guidanceChannels }),
    inChannels: size(names.convIn, 1),
    outChannels: size(names.convOut, 0),
    modelChannels: size(names.convIn, 0),
    contextChannels: contexts.find((width) => !Number.isNaN(width)) ?? Number.NaN,
    projection: attentions.some((key) => checkpoint.tensors.get(`${key}.proj_in.weight`)?.shape.length === 2)
      ? 'linear'
      : 'conv',
  };
  checkTensors(checkpoint, unetLayout(checkpoint, config), {
    prefix,
    looksLike:
      `UNet2DConditionModel (${names.naming} key names, ${config.inChannels} channels in, ${config.modelChannels} wide, ` +
      `text ${config.contextChannels} wide, ${names.down.length} blocks down and ${names.up.length} up)`,
  });
  checkRunnable(checkpoint, config);
  return config;
}

/** What fits together but is not the network that these files are made for. */
function checkRunnable(checkpoint: Checkpoint, config: UNetConfig): void {
  const { names, modelChannels, outChannels, inChannels, guidanceChannels = 0 } = config;
  const widths = new Set([modelChannels]);
  for (const step of [...names.down, ...names.middle, ...names.up]) {
    if ('resnet' in step) widths.add(stepWidth(checkpoint, names, step));
  }
  const odd = [...widths].find((width) => width % normGroups !== 0);
  if (odd !== undefined) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a UNet of widths that divide by ${normGroups} in ${checkpoint.file}, received one with ${odd}.`,
    );
  }
  for (const step of [...names.down, ...names.middle, ...names.up]) {
    if (!('attention' in step) || step.attention === undefined) continue;
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
      `Expected a UNet that is told of guidance in an even number of channels from 4 in ${checkpoint.file}, received ${guidanceChannels}.`,
    );
  }
  if (names.up.length !== names.down.length + 1 || inChannels < outChannels) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a UNet with one block more on the way up than on the way down in ${checkpoint.file}, received ` +
        `${names.down.length} down and ${names.up.length} up, from ${inChannels} to ${outChannels} channels.`,
    );
  }
}

function attentionKeys({ down, middle, up }: UNetKeys): readonly string[] {
  return [...down, ...middle, ...up].flatMap((step) =>
    'attention' in step && step.attention !== undefined ? [step.attention] : [],
  );
}

function stepWidth(checkpoint: Checkpoint, { resnetNames }: UNetKeys, { resnet }: ResnetStep): number {
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

function unetLayout(checkpoint: Checkpoint, config: UNetConfig): MutableTensorLayout {
  const { names, inChannels, outChannels, modelChannels, contextChannels, projection } = config;
  const { guidanceChannels } = config;
  const layout: MutableTensorLayout = new Map();
  const add = (key: string, shape: readonly number[]) => {
    for (const [name, size] of convLayout(key, shape)) layout.set(name, size);
  };
  const time = axisSize(checkpoint, `${names.timeEmbedding[0]}.weight`, 0);
  add(names.timeEmbedding[0], [time, modelChannels]);
  add(names.timeEmbedding[1], [time, time]);
  if (guidanceChannels !== undefined) {
    layout.set(`${names.guidanceProjection}.weight`, [modelChannels, guidanceChannels]);
  }
  add(names.convIn, [modelChannels, inChannels, 3, 3]);
  let channels = modelChannels;
  const addStep = (step: ResnetStep, input: number) => {
    channels = stepWidth(checkpoint, names, step);
    const sizes = { input, output: channels, time };
    addResnetLayout(layout, checkpoint, { key: step.resnet, names: names.resnetNames, sizes });
    if (step.attention === undefined) return;
    const depth = transformerDepth(checkpoint, step.attention);
    addTransformer2DLayout(layout, step.attention, { channels, context: contextChannels, depth, projection });
  };
  const skips = [channels];
  for (const step of names.down) {
    if ('downsample' in step) add(step.downsample, [channels, channels, 3, 3]);
    else addStep(step, channels);
    skips.push(channels);
  }
  for (const step of names.middle) addStep(step, channels);
  for (const step of names.up) {
    addStep(step, channels + (skips.pop() ?? Number.NaN));
    if (step.upsample !== undefined) add(step.upsample, [channels, channels, 3, 3]);
  }
  add(names.normOut, [channels]);
  add(names.convOut, [outChannels, channels, 3, 3]);
  return layout;
}

/** Every SD 1.x network has this many heads at every width. */
const convProjectionHeads = 8;
/** SD 2.x heads are 64 wide; 16 is what diffusers' own test networks have, which are narrower than one such head. */
const linearProjectionHeadWidths = [64, 16] as const;

/**
 * How many attention heads a transformer of `channels` has at a level, which no shape tells: what the configuration says
 * (NaN where it leaves the level out), else 8 in networks with convolutions as projections (SD 1.x), and with linear
 * projections (SD 2.x) as many as are 64 wide, or 16 where 64 does not divide.
 */
export function headCount(
  channels: number,
  { projection, attention, level }: Pick<UNetConfig, 'projection' | 'attention'> & { readonly level: number },
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

/**
 * Inputs `sample` float32 [N, C, H, W] (or [1, C, H, W], when all of the batch begin alike: what comes before the first
 * text is then computed once), `timestep` [1] in training steps (fractions allowed),
 * `encoder_hidden_states` [N, T, context] and, where `guidanceChannels` says so, `timestep_cond` [1, guidanceChannels],
 * which tells how strongly the prompt guides; output `noise_pred` [N, outChannels, H, W]: whatever the network was trained
 * to predict.
 */
export function buildUNet(
  checkpoint: Checkpoint,
  config: UNetConfig,
  options: EmitOptions = {},
): RecordedGraph {
  const { names, inChannels, contextChannels, guidanceChannels } = config;
  const builder = new GraphBuilder('UNet2DConditionModel');
  const parameters = new Parameters(builder, checkpoint);
  const layers = new Layers(builder, parameters, options);
  const input = (name: string, shape: Value['shape']) => builder.input({ name, dtype: 'float32', shape });
  const sample = input('sample', ['pictures', inChannels, 'height', 'width']);
  const timestep = input('timestep', [1]);
  const context = input('encoder_hidden_states', ['batch', 'words', contextChannels]);

  const guidance = guidanceChannels === undefined ? undefined : input('timestep_cond', [1, guidanceChannels]);

  const activatedTime = builder.silu(embedTime(layers, { timestep, guidance }, config));
  const pictures = builder.sizes(sample, 0, 1);
  const batch = builder.sizes(context, 0, 1);
  const contextRows = builder.reshape(context, [-1, contextChannels], {
    shape: ['contextRows', contextChannels],
  });
  const isBeforeText = ({ shape }: Value) => shape[0] === sample.shape[0];
  const forEachText = (value: Value) =>
    isBeforeText(value) ? builder.repeatFirst(value, batch, context.shape[0]!) : value;
  const applyStep = (hidden: Value, { resnet, attention, level }: ResnetStep) => {
    const block = { key: resnet, names: names.resnetNames, epsilon: resnetEpsilon, activatedTime };
    const result = resnetBlock(layers, hidden, block);
    if (attention === undefined) return result;
    const heads = headCount(result.shape[1] as number, { ...config, level });
    const depth = transformerDepth(checkpoint, attention);
    const transformer = { key: attention, depth, heads, contextRows, batch };
    return transformer2D(layers, result, isBeforeText(result) ? { ...transformer, pictures } : transformer);
  };

  let hidden = parameters.conv(sample, names.convIn);
  const skips = [hidden];
  for (const step of names.down) {
    if ('downsample' in step) {
      const weight = parameters.get(`${step.downsample}.weight`);
      const bias = parameters.get(`${step.downsample}.bias`);
      hidden = builder.conv(hidden, weight, { bias, stride: 2, padding: 1 });
    } else {
      hidden = applyStep(hidden, step);
    }
    skips.push(hidden);
  }
  for (const step of names.middle) hidden = applyStep(hidden, step);
  for (const step of names.up) {
    hidden = applyStep(builder.concat([forEachText(hidden), forEachText(skips.pop()!)], 1), step);
    // As large as what it is joined with next: halving an odd size rounded up.
    if (step.upsample !== undefined) {
      hidden = layers.conv(builder.resizeNearestLike(hidden, skips.at(-1)!), step.upsample);
    }
  }
  hidden = builder.silu(layers.groupNorm(hidden, names.normOut, resnetEpsilon));
  builder.output(parameters.conv(hidden, names.convOut, 'noise_pred'));
  return builder.finish();
}

/**
 * Cosines, then sines, of the time at falling frequencies (arXiv 1706.03762), with the strength of guidance added where
 * there is one (arXiv 2310.04378, section 4.2), through two layers: `[1, time]`.
 */
function embedTime(
  layers: Layers,
  { timestep, guidance }: { readonly timestep: Value; readonly guidance: Value | undefined },
  { names, modelChannels }: UNetConfig,
): Value {
  const { builder } = layers;
  const half = modelChannels / 2;
  const frequencies = Array.from({ length: half }, (_, index) =>
    Math.exp((-Math.log(maxPeriod) * index) / half),
  );
  const frequency = builder.constant('timestep.frequencies', [1, half], frequencies);
  const angles = builder.mul(builder.reshape(timestep, [1, 1], { shape: [1, 1] }), frequency);
  const waves = builder.concat([builder.cos(angles), builder.sin(angles)], 1);
  const told =
    guidance === undefined
      ? waves
      : builder.add(waves, layers.linear(guidance, names.guidanceProjection, { bias: false }));
  const [first, second] = names.timeEmbedding;
  return layers.linear(builder.silu(layers.linear(told, first)), second);
}
