/**
 * CLIPTextModel (arXiv 2103.00020), which turns a prompt's tokens into what the UNet listens to: CLIP-L in Stable
 * Diffusion 1.x, OpenCLIP-H in 2.x, CLIP-L and OpenCLIP-bigG in SDXL, OpenCLIP-bigG in its refiner.
 */
import { EngineError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import type { AdaptedWeights } from './adapted-weights.ts';
import {
  type ClipTextKeys,
  type ClipTextLayerKeys,
  type FoundTextEncoder,
  findTextEncoders,
} from './clip-text-keys.ts';
import { Layers } from './layers.ts';
import { Parameters } from './parameters.ts';
import { axisSize, checkTensors, convLayout, largest, type MutableTensorLayout } from './tensor-layout.ts';

export interface ClipTextConfig {
  readonly names: ClipTextKeys;
  readonly vocabulary: number;
  /** Tokens of one window. */
  readonly positions: number;
  readonly channels: number;
  readonly heads: number;
  /** Layers in the file. */
  readonly layers: number;
  /** How many of them run when no more is asked to be skipped. */
  readonly defaultLayers: number;
  readonly activation: 'quick_gelu' | 'gelu';
  /** Whether the last norm comes before what is read (SD 1.x and 2.x), or that is read as a layer leaves it (SDXL). */
  readonly isNormed: boolean;
  /** In how many numbers it tells of a whole prompt (SDXL's second); one that does not has none. */
  readonly pooledChannels?: number;
}

/** Published encoders have 32 and fewer; the limit keeps a damaged header from asking for millions. */
export const maxLayers = 128;

/** In published files, and of no use here. */
const ignoredKeys = /^(?:embeddings\.position_ids|text_projection(?:\.weight)?|logit_scale|attn_mask)$/;

/**
 * What the header says the text encoders are, in the order in which what they make of a prompt is joined; none where the
 * file has none. Throws `tensor-mismatch` where one looks like it but does not fit, `unsupported-architecture` where it fits
 * but cannot be run.
 */
export function detectTextEncoders(checkpoint: Checkpoint): readonly ClipTextConfig[] {
  const found = findTextEncoders(checkpoint.tensors.keys());
  const isXl = found.some(({ isPooled }) => isPooled);
  return found.map((encoder) => readConfig(checkpoint, encoder, isXl));
}

function readConfig(
  checkpoint: Checkpoint,
  { names, layerNumbers, isPooled }: FoundTextEncoder,
  isXl: boolean,
): ClipTextConfig {
  const layers = largest(layerNumbers) + 1;
  if (layers > maxLayers) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a text encoder of at most ${maxLayers} layers in ${checkpoint.file}, received one of ${layers}.`,
    );
  }
  const channels = axisSize(checkpoint, names.positionEmbedding, 1);
  const said = isPooled ? checkpoint.attention?.secondText : checkpoint.attention;
  // SDXL, as 2.x, was trained on the layer before the last, which a 2.x in one file has all the same.
  const isBeforeLast = isXl || names.naming === 'OpenCLIP';
  const config: ClipTextConfig = {
    names,
    vocabulary: axisSize(checkpoint, `${names.tokenEmbedding}.weight`, 0),
    positions: axisSize(checkpoint, names.positionEmbedding, 0),
    channels,
    heads: said?.textHeads ?? clipHeadCount(channels),
    layers,
    defaultLayers: isBeforeLast ? Math.max(1, layers - 1) : layers,
    activation: said?.textActivation ?? clipActivation(names, { channels, isPooled }),
    isNormed: !isXl,
    ...(isPooled && { pooledChannels: pooledChannelsOf(checkpoint, names) }),
  };
  checkTensors(checkpoint, clipTextLayout(checkpoint, config), {
    prefix: names.prefix,
    looksLike: `CLIPTextModel (${names.naming} key names, ${layers} layers, ${channels} wide)`,
    isIgnored: (key) => ignoredKeys.test(key),
  });
  if (channels % config.heads !== 0) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected the configuration of ${checkpoint.file} to have heads for its text encoder that share ${channels} channels evenly, received ${config.heads}.`,
    );
  }
  return config;
}

/** Stored as it multiplies from the left in OpenCLIP's naming, and transposed in that of transformers. */
function pooledChannelsOf(checkpoint: Checkpoint, { naming, textProjection }: ClipTextKeys): number {
  return axisSize(checkpoint, textProjection, naming === 'OpenCLIP' ? 1 : 0);
}

/** Published encoders have heads of 64; 8 is what the test networks of diffusers have, which are narrower than that. */
const headWidths = [64, 8] as const;

/** How many attention heads an encoder of `channels` has, which no shape tells. */
export function clipHeadCount(channels: number): number {
  const width = headWidths.find((candidate) => channels % candidate === 0);
  return width === undefined ? 1 : channels / width;
}

/** OpenCLIP-H and bigG, 1024 and 1280 wide, were trained with the exact GELU, and CLIP-L with its approximation; no shape tells. */
function clipActivation(
  { naming }: ClipTextKeys,
  { channels, isPooled }: { readonly channels: number; readonly isPooled: boolean },
): 'quick_gelu' | 'gelu' {
  return naming === 'OpenCLIP' || isPooled || channels >= 1024 ? 'gelu' : 'quick_gelu';
}

function clipTextLayout(
  checkpoint: Checkpoint,
  { names, vocabulary, positions, channels, layers, pooledChannels }: ClipTextConfig,
): MutableTensorLayout {
  const layout: MutableTensorLayout = new Map();
  const add = (key: string, shape: readonly number[]) => {
    for (const [name, size] of convLayout(key, shape)) layout.set(name, size);
  };
  layout.set(`${names.tokenEmbedding}.weight`, [vocabulary, channels]);
  layout.set(names.positionEmbedding, [positions, channels]);
  for (let index = 0; index < layers; index++) {
    const { norm1, queryKeyValue, attentionOut, norm2, feedForward } = names.layer(index);
    add(norm1, [channels]);
    if ('weight' in queryKeyValue) {
      layout.set(queryKeyValue.weight, [3 * channels, channels]);
      layout.set(queryKeyValue.bias, [3 * channels]);
    } else {
      for (const key of Object.values(queryKeyValue)) add(key, [channels, channels]);
    }
    add(attentionOut, [channels, channels]);
    add(norm2, [channels]);
    const inner = axisSize(checkpoint, `${feedForward[0]}.weight`, 0);
    add(feedForward[0], [inner, channels]);
    add(feedForward[1], [channels, inner]);
  }
  add(names.finalNorm, [channels]);
  if (pooledChannels !== undefined) {
    const projection = [channels, pooledChannels];
    layout.set(names.textProjection, names.naming === 'OpenCLIP' ? projection : projection.toReversed());
  }
  return layout;
}

export interface ClipTextOptions {
  /** 1: the layer that the model was trained to be read at; each more reads one layer earlier. */
  readonly clipSkip?: number;
  /** As of `EmitOptions`. */
  readonly adapted?: AdaptedWeights;
}

/** Lower than any score, so that it takes no share. */
const maskedScore = -3.4028234663852886e38;

/**
 * Inputs `input_ids` int32 [N, positions]; `kept` float32 [N, positions, 1], 1 where a token's vector is the vocabulary's
 * and 0 where it is that of `vectors` float32 [N, positions, channels], which is 0 elsewhere. Output `hidden_states`
 * float32 [N, positions, channels]. Where `pooledChannels` says so there is an input `end` float32 [N, 1, positions] too, 1
 * at the token that ends the prompt and 0 elsewhere, and an output `pooled` [N, 1, pooledChannels]: what the last of all
 * layers makes of that token, whatever is skipped. Throws `invalid-option` where more layers are to be skipped than there
 * are.
 */
export function buildClipTextModel(
  checkpoint: Checkpoint,
  config: ClipTextConfig,
  { clipSkip = 1, adapted }: ClipTextOptions = {},
): RecordedGraph {
  const { names, positions, channels, defaultLayers, isNormed, pooledChannels } = config;
  const layerCount = defaultLayers + 1 - clipSkip;
  if (!Number.isInteger(clipSkip) || clipSkip < 1 || layerCount < 1) {
    throw new EngineError(
      'invalid-option',
      `Expected a clip skip from 1 to ${defaultLayers} for ${checkpoint.file}, received ${clipSkip}.`,
    );
  }
  const builder = new GraphBuilder('CLIPTextModel');
  const parameters = new Parameters(builder, checkpoint);
  const layers = new Layers(builder, parameters, adapted === undefined ? {} : { adapted });
  const ids = builder.input({ name: 'input_ids', dtype: 'int32', shape: ['batch', positions] });
  const mask = builder.constant('causal_mask', [positions, positions], causalMask(positions));

  const kept = builder.input({ name: 'kept', dtype: 'float32', shape: ['batch', positions, 1] });
  const vectors = builder.input({
    name: 'vectors',
    dtype: 'float32',
    shape: ['batch', positions, channels],
  });
  const tokens = parameters.gather(`${names.tokenEmbedding}.weight`, ids);
  const chosen = builder.add(builder.mul(tokens, kept), vectors);
  const embedded = builder.add(chosen, parameters.get(names.positionEmbedding));
  let rows = builder.reshape(embedded, [-1, channels], { shape: ['tokens', channels] });
  const runLayers = (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      rows = encoderLayer(layers, rows, { config, keys: names.layer(index), mask });
    }
  };
  const shape = ['batch', positions, channels];
  const target = [-1, positions, channels];
  runLayers(0, layerCount);
  const read = isNormed ? layers.layerNorm(rows, names.finalNorm) : rows;
  builder.output(builder.reshape(read, target, { shape, name: 'hidden_states' }));
  if (pooledChannels === undefined) return builder.finish();

  runLayers(layerCount, config.layers);
  const normed = builder.reshape(layers.layerNorm(rows, names.finalNorm), target, { shape });
  const end = builder.input({ name: 'end', dtype: 'float32', shape: ['batch', 1, positions] });
  const stored = parameters.get(names.textProjection);
  const projection = names.naming === 'OpenCLIP' ? stored : builder.transpose(stored, [1, 0]);
  builder.output(builder.matMul(builder.matMul(end, normed), projection, { name: 'pooled' }));
  return builder.finish();
}

/** 0 where a row's token may look at a column's, which is at or before it. */
function causalMask(positions: number): number[] {
  return Array.from({ length: positions ** 2 }, (_, index) =>
    index % positions <= Math.floor(index / positions) ? 0 : maskedScore,
  );
}

function encoderLayer(
  layers: Layers,
  input: Value,
  {
    config,
    keys,
    mask,
  }: { readonly config: ClipTextConfig; readonly keys: ClipTextLayerKeys; readonly mask: Value },
): Value {
  const { positions, heads, activation } = config;
  const { builder } = layers;
  const normed = layers.layerNorm(input, keys.norm1);
  const { queryKeyValue } = keys;
  const joined = (index: number) => {
    const keys = queryKeyValue as { readonly weight: string; readonly bias: string };
    const name = keys.weight.replace(/_weight$/, '');
    return layers.linearOf(normed, keys, { name, part: { index, of: 3 } });
  };
  const projections =
    'weight' in queryKeyValue
      ? { query: joined(0), key: joined(1), value: joined(2) }
      : {
          query: layers.linear(normed, queryKeyValue.query),
          key: layers.linear(normed, queryKeyValue.key),
          value: layers.linear(normed, queryKeyValue.value),
        };
  const mixed = layers.attention(projections, {
    heads,
    sequence: { tokens: positions },
    mask,
  });
  const attended = builder.add(layers.linear(mixed, keys.attentionOut), input);
  const [first, second] = keys.feedForward;
  const inner = layers.linear(layers.layerNorm(attended, keys.norm2), first);
  const activated = activation === 'gelu' ? builder.gelu(inner) : builder.quickGelu(inner);
  return builder.add(layers.linear(activated, second), attended);
}
