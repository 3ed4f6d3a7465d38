/**
 * SRVGGNetCompact, the small network of Real-ESRGAN (realesrgan/archs/srvgg_arch.py): convolutions with PReLU at the
 * input's size, one pixel shuffle, and the enlarged input added, so that only the difference is learned.
 */
import { EngineError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { Parameters } from './parameters.ts';
import { axisSize, checkTensors, convLayout, largest, unwrapKeys } from './tensor-layout.ts';

export interface SRVGGNetCompactConfig {
  /** Channels of a picture, going in and coming out. */
  readonly channels: number;
  readonly features: number;
  /** Convolutions between the first and the last; `body` holds `2 * convs + 3` entries. */
  readonly convs: number;
  /** Output pixels for each input pixel, along one side. */
  readonly scale: number;
  readonly prefix: string;
}

/** Published networks have 32 and fewer; the limit keeps a damaged header from asking for millions. */
export const maxConvs = 1024;
export const maxScale = 8;

const bodyPattern = /^body\.(\d+)\.(?:weight|bias)$/;

/**
 * What the header says the network is; `undefined` where it is no SRVGGNetCompact. Throws `tensor-mismatch` where it
 * looks like one but does not fit, `unsupported-architecture` where it fits but cannot be run.
 */
export function detectSRVGGNetCompactConfig(checkpoint: Checkpoint): SRVGGNetCompactConfig | undefined {
  const { prefix, keys } = unwrapKeys(checkpoint);
  const matches = keys.map((key) => bodyPattern.exec(key)).filter((match) => match !== null);
  const positions = new Set(matches.map(([, position]) => Number(position)));
  if (!positions.has(0)) return undefined;
  if ([...positions].every((position) => position % 2 === 0)) {
    // Activations without weights: the file does not say which, and a wrong one gives a wrong picture, not an error.
    throw new EngineError(
      'unsupported-architecture',
      `Expected an SRVGGNetCompact with PReLU slopes (\`body.1.weight\`) in ${checkpoint.file}, received none.`,
    );
  }
  const convs = Math.max(0, Math.ceil((largest(positions) - 2) / 2));
  if (convs > maxConvs) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an SRVGGNetCompact of at most ${maxConvs} inner convolutions in ${checkpoint.file}, received one of ${convs}.`,
    );
  }
  const last = 2 * convs + 2;
  const features = axisSize(checkpoint, `${prefix}body.0.weight`, 0);
  const channels = axisSize(checkpoint, `${prefix}body.0.weight`, 1);
  const lastChannels = axisSize(checkpoint, `${prefix}body.${last}.weight`, 0);

  const layout = new Map<string, readonly number[]>();
  for (let position = 0; position <= last; position++) {
    const key = `${prefix}body.${position}`;
    if (position % 2 === 1) {
      // PyTorch's PReLU has a slope for each channel or one for all.
      const slopes = axisSize(checkpoint, `${key}.weight`, 0);
      layout.set(`${key}.weight`, [slopes === 1 ? 1 : features]);
      continue;
    }
    const outChannels = position === last ? lastChannels : features;
    const inChannels = position === 0 ? channels : features;
    for (const [name, shape] of convLayout(key, [outChannels, inChannels, 3, 3])) layout.set(name, shape);
  }
  const looksLike = `SRVGGNetCompact (${convs + 2} convolutions, ${features} features)`;
  checkTensors(checkpoint, layout, { prefix, looksLike });

  const scale = Math.sqrt(lastChannels / channels);
  if (!Number.isInteger(scale) || scale > maxScale) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an SRVGGNetCompact that scales by a whole number up to ${maxScale} in ${checkpoint.file}, received one ` +
        `with ${channels} channels in and ${lastChannels} out of its last convolution.`,
    );
  }
  return { channels, features, convs, scale, prefix };
}

/** Input `image` float32 [N, C, H, W] in [0, 1]; output `upscaled` [N, C, H*s, W*s]. */
export function buildSRVGGNetCompact(checkpoint: Checkpoint, config: SRVGGNetCompactConfig): RecordedGraph {
  const { prefix, channels, convs, scale } = config;
  const builder = new GraphBuilder('SRVGGNetCompact');
  const parameters = new Parameters(builder, checkpoint);
  const image = builder.input({
    name: 'image',
    dtype: 'float32',
    shape: ['batch', channels, 'height', 'width'],
  });
  let features = image;
  for (let index = 0; index <= convs; index++) {
    if (index > 0) builder.allowCut();
    const activation = `${prefix}body.${2 * index + 1}`;
    features = parameters.conv(features, `${prefix}body.${2 * index}`);
    const [slopes] = checkpoint.tensors.get(`${activation}.weight`)!.shape;
    features = builder.prelu(
      features,
      parameters.get(`${activation}.weight`, { shape: [slopes, 1, 1] }),
      activation,
    );
  }
  builder.allowCut();
  const difference = builder.pixelShuffle(parameters.conv(features, `${prefix}body.${2 * convs + 2}`), scale);
  builder.output(builder.add(difference, builder.resizeNearest(image, scale), 'upscaled'));
  return builder.finish();
}
