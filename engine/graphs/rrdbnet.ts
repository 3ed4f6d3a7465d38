/**
 * RRDBNet, the network of ESRGAN (arXiv 1809.00219) and Real-ESRGAN (arXiv 2107.10833): residual-in-residual dense
 * blocks at the input's size, then nearest-neighbour doublings each with a convolution.
 */
import { EngineError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { Parameters } from './parameters.ts';
import { countUpsamplings, findRRDBNetKeys, type RRDBNetKeys } from './rrdbnet-keys.ts';
import {
  axisSize,
  checkTensors,
  convLayout,
  largest,
  type TensorLayout,
  unwrapKeys,
} from './tensor-layout.ts';

export interface RRDBNetConfig {
  /** Channels of a picture, going in and coming out. */
  readonly channels: number;
  readonly features: number;
  /** Channels that each dense convolution adds. */
  readonly growth: number;
  readonly blocks: number;
  /** Doublings behind the blocks. */
  readonly upsamplings: number;
  /** Side of the pixel blocks that are folded into channels first; 1 = none. */
  readonly unshuffle: number;
  /** Output pixels for each input pixel, along one side. */
  readonly scale: number;
  /** Key names, each without `prefix` in front and without `.weight` or `.bias`. */
  readonly names: RRDBNetKeys;
  readonly prefix: string;
}

/** Published networks have 23 and fewer; the limit keeps a damaged header from asking for millions. */
export const maxBlocks = 256;
export const maxScale = 8;
export const maxUnshuffle = 8;

const rdbNumbers = [1, 2, 3] as const;
const rdbConvCount = 5;
const residualScale = 0.2;
const negativeSlope = 0.2;

/**
 * What the header says the network is; `undefined` where it is no RRDBNet. Throws `tensor-mismatch` where it looks like
 * one but does not fit, `unsupported-architecture` where it fits but cannot be run.
 */
export function detectRRDBNetConfig(checkpoint: Checkpoint): RRDBNetConfig | undefined {
  const { prefix, keys } = unwrapKeys(checkpoint);
  const found = findRRDBNetKeys(keys);
  if (found === undefined) return undefined;
  const { names, blockNumbers } = found;
  const upsamplings = countUpsamplings(names, new Set(keys));
  const blocks = largest(blockNumbers) + 1;
  if (blocks > maxBlocks) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an RRDBNet of at most ${maxBlocks} blocks in ${checkpoint.file}, received one of ${blocks}.`,
    );
  }
  const size = (key: string, axis: number) => axisSize(checkpoint, `${prefix}${key}.weight`, axis);
  const sizes = {
    features: size(names.convFirst, 0),
    growth: size(names.blockConv(0, 1, 1), 0),
    firstChannels: size(names.convFirst, 1),
    channels: size(names.convLast(upsamplings), 0),
    blocks,
    upsamplings,
  };
  checkTensors(checkpoint, rrdbnetLayout({ ...sizes, names, prefix }), {
    prefix,
    looksLike: `RRDBNet (${names.naming} key names, ${blocks} blocks of ${sizes.features} features, ${upsamplings} doublings)`,
  });
  const { firstChannels, ...config } = sizes;
  const unshuffle = Math.sqrt(firstChannels / config.channels);
  const scale = 2 ** upsamplings / unshuffle;
  if (
    !Number.isInteger(unshuffle) ||
    unshuffle > maxUnshuffle ||
    !Number.isInteger(scale) ||
    scale > maxScale
  ) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an RRDBNet that scales by a whole number up to ${maxScale} in ${checkpoint.file}, received one with ` +
        `${firstChannels} channels in, ${config.channels} out and ${upsamplings} doublings.`,
    );
  }
  return { ...config, unshuffle, scale, names, prefix };
}

function rrdbnetLayout({
  features,
  growth,
  firstChannels,
  channels,
  blocks,
  upsamplings,
  names,
  prefix,
}: Omit<RRDBNetConfig, 'scale' | 'unshuffle'> & { readonly firstChannels: number }): TensorLayout {
  const layout = new Map<string, readonly number[]>();
  const conv = (key: string, outChannels: number, inChannels: number) => {
    for (const [name, shape] of convLayout(`${prefix}${key}`, [outChannels, inChannels, 3, 3]))
      layout.set(name, shape);
  };
  conv(names.convFirst, features, firstChannels);
  for (let block = 0; block < blocks; block++) {
    for (const rdb of rdbNumbers) {
      for (let index = 1; index <= rdbConvCount; index++) {
        const outChannels = index === rdbConvCount ? features : growth;
        conv(names.blockConv(block, rdb, index), outChannels, features + (index - 1) * growth);
      }
    }
  }
  conv(names.convBody(blocks), features, features);
  for (let up = 1; up <= upsamplings; up++) conv(names.convUp(up), features, features);
  conv(names.convHr(upsamplings), features, features);
  conv(names.convLast(upsamplings), channels, features);
  return layout;
}

/** Input `image` float32 [N, C, H, W] in [0, 1], sizes multiples of `unshuffle`; output `upscaled` [N, C, H*s, W*s]. */
export function buildRRDBNet(checkpoint: Checkpoint, config: RRDBNetConfig): RecordedGraph {
  const { names, prefix, blocks, upsamplings, unshuffle, channels } = config;
  const builder = new GraphBuilder('RRDBNet');
  const parameters = new Parameters(builder, checkpoint);
  const conv = (input: Value, key: string) => parameters.conv(input, `${prefix}${key}`);
  const activate = (input: Value) => builder.leakyRelu(input, negativeSlope);
  const beta = builder.constant('beta', [], [residualScale]);
  const addScaled = (residual: Value, input: Value) => builder.add(builder.mul(residual, beta), input);

  const image = builder.input({
    name: 'image',
    dtype: 'float32',
    shape: ['batch', channels, 'height', 'width'],
  });
  const first = conv(unshuffle === 1 ? image : builder.pixelUnshuffle(image, unshuffle), names.convFirst);

  let features = first;
  for (let block = 0; block < blocks; block++) {
    const blockInput = features;
    for (const rdb of rdbNumbers) {
      builder.allowCut();
      const dense = [features];
      for (let index = 1; index < rdbConvCount; index++) {
        const input = index === 1 ? features : builder.concat(dense, 1);
        dense.push(activate(conv(input, names.blockConv(block, rdb, index))));
      }
      const residual = conv(builder.concat(dense, 1), names.blockConv(block, rdb, rdbConvCount));
      features = addScaled(residual, features);
    }
    features = addScaled(features, blockInput);
  }
  builder.allowCut();
  features = builder.add(first, conv(features, names.convBody(blocks)));

  // The last cut: behind it, what would cross has four and sixteen times the pixels.
  builder.allowCut();
  for (let up = 1; up <= upsamplings; up++) {
    features = activate(conv(builder.resizeNearest(features, 2), names.convUp(up)));
  }
  features = activate(conv(features, names.convHr(upsamplings)));
  builder.output(parameters.conv(features, `${prefix}${names.convLast(upsamplings)}`, 'upscaled'));
  return builder.finish();
}
