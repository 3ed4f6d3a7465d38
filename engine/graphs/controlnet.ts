/**
 * ControlNet (arXiv 2302.05543): the way down and the middle of a UNet once more, which are shown an image besides, and whose
 * results are added to those of the UNet. In two networks: what comes of the image is the same at every step.
 */
import { EngineError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { type ControlNetKeys, findControlNetKeys } from './controlnet-keys.ts';
import {
  addUnionLayout,
  embedControlType,
  readUnionConfig,
  type UnionConfig,
  weighCondition,
} from './controlnet-union.ts';
import { type EmitOptions, Layers } from './layers.ts';
import { Parameters } from './parameters.ts';
import { axisSize, checkTensors } from './tensor-layout.ts';
import { residualName } from './unet-2d-condition.ts';
import {
  checkSteps,
  EncoderBlocks,
  type EncoderConfig,
  EncoderLayout,
  readEncoderConfig,
} from './unet-encoder.ts';

export interface ControlNetConfig extends EncoderConfig {
  /** Of one for several kinds of maps. */
  readonly union?: UnionConfig;
  readonly names: ControlNetKeys;
  /** Of the control image. */
  readonly imageChannels: number;
  /** Of what it adds to a UNet: to each result of the way down, in its order, then to the middle. */
  readonly residualChannels: readonly number[];
}

/**
 * What the header says the ControlNet is; `undefined` where it is none. Throws `tensor-mismatch` where it looks like one
 * but does not fit, `unsupported-architecture` where it fits but cannot be run.
 */
export function detectControlNetConfig(checkpoint: Checkpoint): ControlNetConfig | undefined {
  const found = findControlNetKeys(checkpoint.tensors.keys());
  if (found === undefined) return undefined;
  const { names, prefix } = found;
  if (checkpoint.tensors.has('difference')) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected the whole weights of a ControlNet in ${checkpoint.file}, received its difference to a checkpoint.`,
      { hint: 'Get the ControlNet that it was made of; it is published without "diff" in its name.' },
    );
  }
  const steps = [...names.down, ...names.middle];
  const encoder = readEncoderConfig(checkpoint, names, steps);
  const imageChannels = axisSize(checkpoint, `${names.hint[0]}.weight`, 1);
  const layout = new EncoderLayout(checkpoint, encoder);
  const residualChannels = [...layout.skips, layout.channels];
  addHintLayout(layout, { checkpoint, names, imageChannels, modelChannels: encoder.modelChannels });
  for (const [index, key] of [...names.zeroConvs, names.middleZeroConv].entries()) {
    const channels = residualChannels[index]!;
    layout.add(key, [channels, channels, 1, 1]);
  }
  const union = readUnionConfig(checkpoint);
  if (union !== undefined) {
    addUnionLayout(layout, union, { channels: encoder.modelChannels, time: layout.time });
  }
  checkTensors(checkpoint, layout.tensors, {
    prefix,
    looksLike:
      `${union === undefined ? 'ControlNetModel' : 'ControlNetUnionModel'} (${names.naming} key names, ${encoder.inChannels} channels in, ${encoder.modelChannels} wide, ` +
      `text ${encoder.contextChannels} wide, ${names.down.length} blocks down)`,
  });
  checkSteps(checkpoint, encoder, { steps, network: 'ControlNet' });
  return { ...encoder, names, imageChannels, residualChannels, ...(union !== undefined && { union }) };
}

interface HintLayout extends Pick<ControlNetConfig, 'names' | 'imageChannels' | 'modelChannels'> {
  readonly checkpoint: Checkpoint;
}

function addHintLayout(
  layout: EncoderLayout,
  { checkpoint, names, imageChannels, modelChannels }: HintLayout,
): void {
  let channels = imageChannels;
  for (const [index, key] of names.hint.entries()) {
    const isLast = index === names.hint.length - 1;
    const width = isLast ? modelChannels : axisSize(checkpoint, `${key}.weight`, 0);
    layout.add(key, [width, channels, 3, 3]);
    channels = width;
  }
}

/**
 * Input `control` float32 [1, C, H, W], 0..1, sides multiples of 8, and what `weighCondition` tells of a network for several
 * kinds of maps. Its one output, [1, channels, H / 8, W / 8], goes into `buildControlNet` at every step as `hint`.
 */
export function buildControlNetHint(
  checkpoint: Checkpoint,
  { names, imageChannels, union }: ControlNetConfig,
  options: EmitOptions = {},
): RecordedGraph {
  const builder = new GraphBuilder('ControlNetConditioningEmbedding');
  const parameters = new Parameters(builder, checkpoint);
  const layers = new Layers(builder, parameters, options);
  let hidden = builder.input({
    name: 'control',
    dtype: 'float32',
    shape: [1, imageChannels, 'height', 'width'],
  });
  const last = names.hint.length - 1;
  for (const [index, key] of names.hint.entries()) {
    const isHalved = index >= 2 && index < last && index % 2 === 0;
    hidden = isHalved ? halvingConv(layers, hidden, key) : layers.conv(hidden, key);
    if (index < last) hidden = builder.silu(hidden);
  }
  builder.output(union === undefined ? hidden : weighCondition(layers, union, hidden));
  return builder.finish();
}

function halvingConv({ builder, parameters }: Layers, input: Value, key: string): Value {
  const bias = parameters.get(`${key}.bias`);
  return builder.conv(input, parameters.get(`${key}.weight`), { bias, stride: 2, padding: 1 });
}

/**
 * Inputs as `EncoderBlocks` has them, and `hint` [1, channels, H, W] of `buildControlNetHint`; of a network for several
 * kinds of maps what `embedControlType` tells. Outputs `residual_0` and so
 * on, `[N, C, h, w]`, N that of `sample` where no text has come in yet: what a UNet takes as its inputs of those names.
 */
export function buildControlNet(
  checkpoint: Checkpoint,
  config: ControlNetConfig,
  options: EmitOptions = {},
): RecordedGraph {
  const { names, modelChannels, union } = config;
  const builder = new GraphBuilder('ControlNetModel');
  const parameters = new Parameters(builder, checkpoint);
  const layers = new Layers(builder, parameters, options);
  const blocks = new EncoderBlocks(layers, { checkpoint, config }, (time) =>
    union === undefined ? time : embedControlType(layers, union, time),
  );
  const hint = builder.input({
    name: 'hint',
    dtype: 'float32',
    shape: [1, modelChannels, 'height', 'width'],
  });
  const first = builder.add(layers.conv(blocks.sample, names.convIn), hint);
  const { skips, middle } = blocks.encode(first);
  const keys = [...names.zeroConvs, names.middleZeroConv];
  for (const [index, value] of [...skips, middle].entries()) {
    builder.output(parameters.conv(value, keys[index]!, residualName(index)));
  }
  return builder.finish();
}
