/** AutoencoderKL of Stable Diffusion (arXiv 2112.10752): pictures to latents of an eighth of their size and back. */
import { EngineError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import {
  type AttentionKeys,
  type AutoencoderKeys,
  type CoderKeys,
  findAutoencoderKeys,
} from './autoencoder-keys.ts';
import { type EmitOptions, Layers, normGroups } from './layers.ts';
import { Parameters } from './parameters.ts';
import { addResnetLayout, resnetBlock } from './resnet-block.ts';
import { axisSize, checkTensors, convLayout, type MutableTensorLayout } from './tensor-layout.ts';

export interface AutoencoderConfig {
  readonly names: AutoencoderKeys;
  readonly imageChannels: number;
  readonly latentChannels: number;
  /** Pixels for each latent, along one side. */
  readonly scale: number;
}

const normEpsilon = 1e-6;

/** In published files, and of no use here: what the autoencoder was trained against. */
const ignoredKeys = /^(?:loss\.|model_ema\.)/;

/**
 * What the header says the network is; `undefined` where it is no autoencoder of the family. Throws `tensor-mismatch`
 * where it looks like one but does not fit, `unsupported-architecture` where it fits but cannot be run.
 */
export function detectAutoencoderConfig(checkpoint: Checkpoint): AutoencoderConfig | undefined {
  const names = findAutoencoderKeys(checkpoint.tensors.keys());
  if (names === undefined) return undefined;
  const { encoder, decoder } = names;
  const config = {
    names,
    imageChannels: axisSize(checkpoint, `${encoder.convIn}.weight`, 1),
    latentChannels: axisSize(checkpoint, `${decoder.convIn}.weight`, 1),
    scale: 2 ** decoder.levels.filter(({ resample }) => resample !== undefined).length,
  };
  const layout = autoencoderLayout(checkpoint, config);
  checkTensors(checkpoint, layout, {
    prefix: names.prefix,
    looksLike:
      `AutoencoderKL (${names.naming} key names, ${config.latentChannels} latent channels, ` +
      `${decoder.levels.length} levels)`,
    isIgnored: (key) => ignoredKeys.test(key),
  });
  const downs = encoder.levels.filter(({ resample }) => resample !== undefined).length;
  if (2 ** downs !== config.scale) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected an autoencoder that enlarges as often as it reduces in ${checkpoint.file}, received one with ` +
        `${downs} reductions and a factor of ${config.scale} back.`,
    );
  }
  for (const [key, [width]] of layout) {
    if (/norm\w*\.weight$/.test(key) && width % normGroups !== 0) {
      throw new EngineError(
        'unsupported-architecture',
        `Expected an autoencoder of widths that divide by ${normGroups} in ${checkpoint.file}, received \`${key}\` of ${width}.`,
      );
    }
  }
  return config;
}

function autoencoderLayout(
  checkpoint: Checkpoint,
  { names, imageChannels, latentChannels }: AutoencoderConfig,
): MutableTensorLayout {
  const layout: MutableTensorLayout = new Map();
  const add = (key: string, shape: readonly number[]) => {
    for (const [name, size] of convLayout(key, shape)) layout.set(name, size);
  };
  const { resnetNames } = names;
  const addCoder = (coder: CoderKeys, inChannels: number, outChannels: number, isMiddleFirst: boolean) => {
    let channels = axisSize(checkpoint, `${coder.convIn}.weight`, 0);
    add(coder.convIn, [channels, inChannels, 3, 3]);
    const addResnet = (key: string) => {
      const output = axisSize(checkpoint, `${key}.${resnetNames.conv1}.weight`, 0);
      addResnetLayout(layout, checkpoint, { key, names: resnetNames, sizes: { input: channels, output } });
      channels = output;
    };
    const addMiddle = () => {
      addResnet(coder.middleResnets[0]);
      const { norm, ...projections } = coder.attention;
      add(norm, [channels]);
      for (const key of Object.values(projections)) {
        // A linear layer, or the 1 x 1 convolution that it once was.
        const rank = checkpoint.tensors.get(`${key}.weight`)?.shape.length;
        add(key, rank === 4 ? [channels, channels, 1, 1] : [channels, channels]);
      }
      addResnet(coder.middleResnets[1]);
    };
    if (isMiddleFirst) addMiddle();
    for (const { resnets, resample } of coder.levels) {
      for (const key of resnets) addResnet(key);
      if (resample !== undefined) add(resample, [channels, channels, 3, 3]);
    }
    if (!isMiddleFirst) addMiddle();
    add(coder.normOut, [channels]);
    add(coder.convOut, [outChannels, channels, 3, 3]);
  };
  addCoder(names.encoder, imageChannels, 2 * latentChannels, false);
  addCoder(names.decoder, latentChannels, imageChannels, true);
  add(names.quantConv, [2 * latentChannels, 2 * latentChannels, 1, 1]);
  add(names.postQuantConv, [latentChannels, latentChannels, 1, 1]);
  return layout;
}

/** Input `image` float32 [N, 3, H, W] in [-1, 1], sizes multiples of the scale; output `moments` [N, 2 * latent, h, w]: means, then logarithms of variances. */
export function buildAutoencoderEncoder(
  checkpoint: Checkpoint,
  { names, imageChannels }: AutoencoderConfig,
  options: EmitOptions = {},
): RecordedGraph {
  const coder = new Coder(checkpoint, names, options);
  const { builder, parameters } = coder.layers;
  const { encoder, quantConv } = names;
  const image = coder.input('image', imageChannels);
  let hidden = parameters.conv(image, encoder.convIn);
  for (const { resnets, resample } of encoder.levels) {
    for (const key of resnets) hidden = coder.resnet(hidden, key);
    if (resample === undefined) continue;
    const weight = parameters.get(`${resample}.weight`);
    const bias = parameters.get(`${resample}.bias`);
    hidden = builder.conv(hidden, weight, { bias, stride: 2, padding: { start: 0, end: 1 } });
  }
  hidden = coder.finish(coder.middle(hidden, encoder), encoder);
  builder.output(parameters.conv(hidden, quantConv, 'moments'));
  return builder.finish();
}

/** Input `latent` float32 [N, latent, h, w], divided by the scaling factor; output `image` [N, 3, h * scale, w * scale] in about [-1, 1], not clamped. */
export function buildAutoencoderDecoder(
  checkpoint: Checkpoint,
  { names, latentChannels }: AutoencoderConfig,
  options: EmitOptions = {},
): RecordedGraph {
  const coder = new Coder(checkpoint, names, options);
  const { builder, parameters } = coder.layers;
  const { decoder, postQuantConv } = names;
  const latent = coder.input('latent', latentChannels);
  let hidden = parameters.conv(parameters.conv(latent, postQuantConv), decoder.convIn);
  hidden = coder.middle(hidden, decoder);
  for (const { resnets, resample } of decoder.levels) {
    for (const key of resnets) hidden = coder.resnet(hidden, key);
    if (resample !== undefined) hidden = parameters.conv(builder.resizeNearest(hidden, 2), resample);
  }
  builder.output(coder.finish(hidden, decoder, 'image'));
  return builder.finish();
}

/** What encoder and decoder have in common. */
class Coder {
  readonly layers: Layers;
  readonly #names: AutoencoderKeys;

  constructor(checkpoint: Checkpoint, names: AutoencoderKeys, { operators = 'onnx' }: EmitOptions) {
    const builder = new GraphBuilder('AutoencoderKL');
    this.layers = new Layers(builder, new Parameters(builder, checkpoint), { operators });
    this.#names = names;
  }

  input(name: string, channels: number): Value {
    return this.layers.builder.input({
      name,
      dtype: 'float32',
      shape: ['batch', channels, 'height', 'width'],
    });
  }

  resnet(input: Value, key: string): Value {
    return resnetBlock(this.layers, input, { key, names: this.#names.resnetNames, epsilon: normEpsilon });
  }

  middle(input: Value, { middleResnets: [first, second], attention }: CoderKeys): Value {
    return this.resnet(this.#attend(this.resnet(input, first), attention), second);
  }

  /** Attention of one head between all places. */
  #attend(input: Value, { norm, query, key, value, out }: AttentionKeys): Value {
    const { layers } = this;
    const { builder } = layers;
    const channels = input.shape[1] as number;
    const batch = builder.sizes(input, 0, 1);
    const sizes = { input: channels, output: channels };
    const rows = layers.toRows(layers.groupNorm(input, norm, normEpsilon));
    const mixed = layers.attention(
      {
        query: layers.projection(rows, query, sizes),
        key: layers.projection(rows, key, sizes),
        value: layers.projection(rows, value, sizes),
      },
      { heads: 1, sequence: { batch } },
    );
    return builder.add(layers.toImage(layers.projection(mixed, out, sizes), input, batch), input);
  }

  /** The last norm and convolution. */
  finish(input: Value, { normOut, convOut }: CoderKeys, name?: string): Value {
    const { builder, parameters } = this.layers;
    return parameters.conv(builder.silu(this.layers.groupNorm(input, normOut, normEpsilon)), convOut, name);
  }
}
