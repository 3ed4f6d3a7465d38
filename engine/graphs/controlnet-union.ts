/**
 * What ControlNet++ (xinsir's union models, ControlNetUnionModel of diffusers) has besides: it is told which kinds of maps it
 * is shown, and weighs what comes of them against each other.
 */
import type { Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import type { Layers } from './layers.ts';
import type { EncoderLayout } from './unet-encoder.ts';
import { timestepWaves, twoLayers } from './unet-encoder.ts';

export interface UnionConfig {
  /** Kinds of maps that it tells apart. */
  readonly tasks: number;
  /** In how many numbers each of them is told. */
  readonly waveChannels: number;
  readonly layers: number;
}

const taskTable = 'task_embedding';
const typeEmbedding = ['control_add_embedding.linear_1', 'control_add_embedding.linear_2'] as const;
/** So spelled in published files. */
const transformer = 'transformer_layes';
const channelProjection = 'spatial_ch_projs';
const feedForwardFactor = 4;
/** Published ones have one; the limit is for damaged headers. */
const maxLayers = 16;

/** What the shapes say of it; undefined where a ControlNet is for one kind of maps. */
export function readUnionConfig({ tensors }: Checkpoint): UnionConfig | undefined {
  const tasks = tensors.get(taskTable)?.shape[0];
  if (tasks === undefined) return undefined;
  const told = tensors.get(`${typeEmbedding[0]}.weight`)?.shape[1] ?? Number.NaN;
  let layers = 1;
  while (layers < maxLayers && tensors.has(`${transformer}.${layers}.ln_1.weight`)) layers += 1;
  return { tasks, waveChannels: told / tasks, layers };
}

export function addUnionLayout(
  layout: EncoderLayout,
  { tasks, waveChannels, layers }: UnionConfig,
  { channels, time }: { readonly channels: number; readonly time: number },
): void {
  layout.tensors.set(taskTable, [tasks, channels]);
  layout.add(typeEmbedding[0], [time, tasks * waveChannels]);
  layout.add(typeEmbedding[1], [time, time]);
  layout.add(channelProjection, [channels, channels]);
  for (let index = 0; index < layers; index++) {
    const key = `${transformer}.${index}`;
    layout.tensors.set(`${key}.attn.in_proj_weight`, [3 * channels, channels]);
    layout.tensors.set(`${key}.attn.in_proj_bias`, [3 * channels]);
    layout.add(`${key}.attn.out_proj`, [channels, channels]);
    layout.add(`${key}.ln_1`, [channels]);
    layout.add(`${key}.ln_2`, [channels]);
    layout.add(`${key}.mlp.c_fc`, [feedForwardFactor * channels, channels]);
    layout.add(`${key}.mlp.c_proj`, [channels, feedForwardFactor * channels]);
  }
}

/** The time's embedding with that of the kinds: `control_type` [tasks, 1], 1 for each kind that is shown. */
export function embedControlType(layers: Layers, { tasks, waveChannels }: UnionConfig, time: Value): Value {
  const { builder } = layers;
  const type = builder.input({ name: 'control_type', dtype: 'float32', shape: [tasks, 1] });
  const waves = timestepWaves(layers, type, waveChannels);
  const told = builder.reshape(waves, [1, -1], { shape: [1, tasks * waveChannels] });
  return builder.add(time, twoLayers(layers, told, typeEmbedding));
}

/**
 * A map's hint [1, channels, H, W] with what its kind and its mean say of each channel, times its strength: what the first
 * convolution's result is added to. Inputs `task` [1, tasks], 1 for the map's kind, and `condition_scale` [1, 1]. Where there are
 * several maps, the sum of theirs is.
 */
export function weighCondition(layers: Layers, config: UnionConfig, hint: Value): Value {
  const { builder, parameters } = layers;
  const channels = hint.shape[1] as number;
  const task = builder.input({ name: 'task', dtype: 'float32', shape: [1, config.tasks] });
  const scale = builder.input({ name: 'condition_scale', dtype: 'float32', shape: [1, 1] });
  const mean = builder.reshape(builder.globalAverage(hint), [1, channels], { shape: [1, channels] });
  const told = builder.add(mean, builder.matMul(task, parameters.get(taskTable)));
  let rows = builder.mul(told, scale);
  for (let index = 0; index < config.layers; index++) {
    rows = attentionBlock(layers, rows, `${transformer}.${index}`);
  }
  const image = [1, channels, 1, 1];
  const shift = builder.reshape(layers.linear(rows, channelProjection), image, { shape: image });
  return builder.mul(builder.add(hint, shift), scale);
}

/**
 * Of CLIP's kind. Published code takes the batch, where all are alike, for the sequence: so each map's row sees itself
 * alone, and of the attention only the values' projection is left. (For the same reason the row of the latent that stands
 * beside those of the maps there counts for nothing.)
 */
function attentionBlock(layers: Layers, rows: Value, key: string): Value {
  const { builder, parameters } = layers;
  const part = { index: 2, of: 3 };
  const values = builder.linear(
    layers.layerNorm(rows, `${key}.ln_1`),
    parameters.get(`${key}.attn.in_proj_weight`, { part }),
    { bias: parameters.get(`${key}.attn.in_proj_bias`, { part }), name: `${key}.attn.in_proj[2]` },
  );
  const attended = builder.add(rows, layers.linear(values, `${key}.attn.out_proj`));
  const inner = layers.linear(layers.layerNorm(attended, `${key}.ln_2`), `${key}.mlp.c_fc`);
  return builder.add(attended, layers.linear(builder.quickGelu(inner), `${key}.mlp.c_proj`));
}
