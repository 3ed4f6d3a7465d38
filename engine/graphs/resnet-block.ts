/** The residual block of Stable Diffusion's UNet and autoencoder (arXiv 2112.10752, openaimodel.py › ResBlock, model.py › ResnetBlock). */
import type { Value } from '../onnx/graph-recorder.ts';
import type { Dimension } from '../onnx/shape.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import type { Layers } from './layers.ts';
import { convLayout, type MutableTensorLayout } from './tensor-layout.ts';

/** What a block's parts are called below its key. */
export interface ResnetNames {
  readonly norm1: string;
  readonly conv1: string;
  /** Brings the time embedding in; autoencoders have none. */
  readonly timeProjection?: string;
  readonly norm2: string;
  readonly conv2: string;
  /** A 1 x 1 convolution, there only where the block changes the number of channels. */
  readonly shortcut: string;
}

export const diffusersResnetNames: ResnetNames = {
  norm1: 'norm1',
  conv1: 'conv1',
  timeProjection: 'time_emb_proj',
  norm2: 'norm2',
  conv2: 'conv2',
  shortcut: 'conv_shortcut',
};

export interface ResnetSizes {
  readonly input: number;
  readonly output: number;
  readonly time?: number;
}

export function addResnetLayout(
  layout: MutableTensorLayout,
  checkpoint: Checkpoint,
  { key, names, sizes }: { readonly key: string; readonly names: ResnetNames; readonly sizes: ResnetSizes },
): void {
  const { input, output, time } = sizes;
  const add = (part: string, shape: readonly number[]) => {
    for (const [name, size] of convLayout(`${key}.${part}`, shape)) layout.set(name, size);
  };
  add(names.norm1, [input]);
  add(names.conv1, [output, input, 3, 3]);
  if (names.timeProjection !== undefined) add(names.timeProjection, [output, time!]);
  add(names.norm2, [output]);
  add(names.conv2, [output, output, 3, 3]);
  // Where the file does not let us know the sizes, it is left to it.
  const isKnown = !Number.isNaN(input) && !Number.isNaN(output);
  if (isKnown ? input !== output : checkpoint.tensors.has(`${key}.${names.shortcut}.weight`)) {
    add(names.shortcut, [output, input, 1, 1]);
  }
}

export interface ResnetBlock {
  readonly key: string;
  readonly names: ResnetNames;
  readonly epsilon: number;
  /** SiLU of the time embedding, `[1, time]`, or `[N, time]` where each of the batch has one of its own. */
  readonly activatedTime?: Value;
}

/** shortcut(x) + conv2(silu(norm2(conv1(silu(norm1(x))) + time))), of `[N, C, H, W]`. */
export function resnetBlock(layers: Layers, input: Value, block: ResnetBlock): Value {
  const { key, names, epsilon, activatedTime } = block;
  const { builder, parameters } = layers;
  const normed = builder.silu(layers.groupNorm(input, `${key}.${names.norm1}`, epsilon));
  let hidden = layers.conv(normed, `${key}.${names.conv1}`);
  if (activatedTime !== undefined) {
    const time = layers.linear(activatedTime, `${key}.${names.timeProjection}`);
    const [times, channels] = time.shape as readonly [Dimension, number];
    const shape = [times, channels, 1, 1];
    hidden = builder.add(hidden, builder.reshape(time, [-1, channels, 1, 1], { shape }));
  }
  hidden = builder.silu(layers.groupNorm(hidden, `${key}.${names.norm2}`, epsilon));
  hidden = layers.conv(hidden, `${key}.${names.conv2}`);
  const shortcut = `${key}.${names.shortcut}`;
  const residual = parameters.has(`${shortcut}.weight`) ? layers.conv(input, shortcut) : input;
  return builder.add(residual, hidden);
}
