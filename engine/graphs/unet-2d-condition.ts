/**
 * UNet2DConditionModel, the denoiser of Stable Diffusion 1.x and 2.x (arXiv 2112.10752) and SDXL (arXiv 2307.01952):
 * residual blocks and transformers on the way down and, joined to what the way down left, on the way up.
 */
import { EngineError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { type EmitOptions, Layers } from './layers.ts';
import { Parameters } from './parameters.ts';
import { axisSize, checkTensors } from './tensor-layout.ts';
import {
  checkSteps,
  EncoderBlocks,
  type EncoderConfig,
  EncoderLayout,
  readEncoderConfig,
  resnetEpsilon,
} from './unet-encoder.ts';
import { findUNetKeys, type UNetKeys } from './unet-keys.ts';

export interface UNetConfig extends EncoderConfig {
  readonly names: UNetKeys;
  readonly outChannels: number;
  /** Of what a ControlNet may add to: what the way down leaves, in its order, then the middle. */
  readonly residualChannels: readonly number[];
}

/**
 * What the header says the network is; `undefined` where it is no UNet. Throws `tensor-mismatch` where it looks like one
 * but does not fit, `unsupported-architecture` where it fits but cannot be run.
 */
export function detectUNetConfig(checkpoint: Checkpoint): UNetConfig | undefined {
  const found = findUNetKeys(checkpoint.tensors.keys());
  if (found === undefined) return undefined;
  const { names, prefix } = found;
  const steps = [...names.down, ...names.middle, ...names.up];
  const encoder = readEncoderConfig(checkpoint, names, steps);
  const outChannels = axisSize(checkpoint, `${names.convOut}.weight`, 0);
  const layout = new EncoderLayout(checkpoint, encoder);
  const residualChannels = [...layout.skips, layout.channels];
  addWayUp(layout, { names, outChannels });
  checkTensors(checkpoint, layout.tensors, {
    prefix,
    looksLike:
      `UNet2DConditionModel (${names.naming} key names, ${encoder.inChannels} channels in, ${encoder.modelChannels} wide, ` +
      `text ${encoder.contextChannels} wide, ${names.down.length} blocks down and ${names.up.length} up)`,
  });
  checkSteps(checkpoint, encoder, { steps, network: 'UNet' });
  if (names.up.length !== names.down.length + 1 || encoder.inChannels < outChannels) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a UNet with one block more on the way up than on the way down in ${checkpoint.file}, received ` +
        `${names.down.length} down and ${names.up.length} up, from ${encoder.inChannels} to ${outChannels} channels.`,
    );
  }
  return { ...encoder, outChannels, residualChannels };
}

function addWayUp(
  layout: EncoderLayout,
  { names, outChannels }: Pick<UNetConfig, 'names' | 'outChannels'>,
): void {
  const skips = [...layout.skips];
  for (const step of names.up) {
    layout.addStep(step, layout.channels + (skips.pop() ?? Number.NaN));
    if (step.upsample !== undefined) layout.add(step.upsample, [layout.channels, layout.channels, 3, 3]);
  }
  layout.add(names.normOut, [layout.channels]);
  layout.add(names.convOut, [outChannels, layout.channels, 3, 3]);
}

/**
 * Inputs as `EncoderBlocks` has them, and what ControlNets add: `residual_0` and so on to each result of the way down, in
 * its order, and the last to the middle; each of its place's channels, `[1 or N, C, h, w]` or `[1, C, 1, 1]`, zeros where
 * there is no ControlNet. Output `noise_pred` [N, outChannels, H, W]: whatever the network was trained to predict.
 */
export function buildUNet(
  checkpoint: Checkpoint,
  config: UNetConfig,
  options: EmitOptions = {},
): RecordedGraph {
  const { names } = config;
  const builder = new GraphBuilder('UNet2DConditionModel');
  const parameters = new Parameters(builder, checkpoint);
  const layers = new Layers(builder, parameters, options);
  const blocks = new EncoderBlocks(layers, { checkpoint, config });

  const { skips, middle } = blocks.encode(layers.conv(blocks.sample, names.convIn));
  const withResidual = (value: Value, index: number) =>
    addResidual(builder, blocks.forEachText(value), residualName(index));
  let hidden = withResidual(middle, skips.length);
  for (const [index, step] of names.up.entries()) {
    const place = skips.length - 1 - index;
    hidden = blocks.step(builder.concat([hidden, withResidual(skips[place]!, place)], 1), step);
    // As large as what it is joined with next: halving an odd size rounded up.
    if (step.upsample !== undefined) {
      hidden = layers.conv(builder.resizeNearestLike(hidden, skips[place - 1]!), step.upsample);
    }
  }
  hidden = builder.silu(layers.groupNorm(hidden, names.normOut, resnetEpsilon));
  builder.output(layers.conv(hidden, names.convOut, { name: 'noise_pred' }));
  return builder.finish();
}

/** The input that a ControlNet's residual comes in by, of place `index` from the first convolution to the middle. */
export function residualName(index: number): string {
  return `residual_${index}`;
}

/** A residual's sizes are the value's, or 1, which turns out when it is run. */
function addResidual(builder: GraphBuilder, value: Value, name: string): Value {
  const [, channels, height, width] = value.shape;
  const [rows, columns] = [height, width].map((size) => `residual_${size}`);
  const shape = ['residuals', channels!, rows!, columns!];
  return builder.addBroadcast(value, builder.input({ name, dtype: 'float32', shape }));
}
