/** The layers that diffusion networks share, written on a checkpoint's parameters. `key` is what a layer's tensors' keys share. */
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Value } from '../onnx/graph-recorder.ts';
import { type Dimension, dimensionFactor, type Shape } from '../onnx/shape.ts';
import type { HypernetworkModule } from '../weights/hypernetwork-modules.ts';
import type { AdaptedWeights } from './adapted-weights.ts';
import { type AttentionContexts, Hypernetworks } from './hypernetwork.ts';
import type { ParameterOptions, Parameters } from './parameters.ts';
import { suitsWinograd, winogradConv } from './winograd.ts';

/** All published autoencoders and UNets of the family norm in this many groups. */
export const normGroups = 32;

const layerNormEpsilon = 1e-5;

/**
 * What a graph may be written in: ONNX alone, which every provider takes, or with onnxruntime's own operators too, which
 * all but CoreML have.
 */
export type Operators = 'onnx' | 'onnxruntime';

/** How 3 x 3 convolutions may be done: as they are, or by Winograd's filtering too, which gains on CPUs (winograd.ts). */
export type Convolutions = 'direct' | 'winograd';

export interface EmitOptions {
  /** ONNX alone without it. */
  readonly operators?: Operators;
  /** Direct without it. */
  readonly convolutions?: Convolutions;
  /** Given where the graph's weights are to change from run to run; emission adds those that do. */
  readonly adapted?: AdaptedWeights;
  /** The modules of each hypernetwork of a UNet, in the order in which they work. */
  readonly hypernetworks?: readonly (readonly HypernetworkModule[])[];
}

/** Of a convolution that is not the usual one. */
export interface LayerConvOptions {
  readonly stride?: number;
  /** The result's name. */
  readonly name?: string;
}

/**
 * Tokens are kept as rows, `[batch * tokens, channels]`: what a `Linear` of PyTorch is on them is one matrix product
 * with the weight as the file stores it.
 */
export class Layers {
  readonly builder: GraphBuilder;
  readonly parameters: Parameters;

  readonly #operators: Operators;
  readonly #adapted: AdaptedWeights | undefined;
  readonly #convolutions: Convolutions;
  readonly #hypernetworks: Hypernetworks;
  readonly #targets = new Map<string, Value>();

  constructor(
    builder: GraphBuilder,
    parameters: Parameters,
    { operators = 'onnx', convolutions = 'direct', adapted, hypernetworks = [] }: EmitOptions = {},
  ) {
    this.builder = builder;
    this.parameters = parameters;
    this.#operators = operators;
    this.#convolutions = convolutions;
    this.#adapted = adapted;
    this.#hypernetworks = new Hypernetworks(builder, hypernetworks);
  }

  /**
   * A convolution with bias that keeps height and width, but for its stride; `key` is what its two tensors' keys share.
   */
  conv(input: Value, key: string, { stride = 1, name = key }: LayerConvOptions = {}): Value {
    const { builder, parameters } = this;
    const weightKey = `${key}.weight`;
    const shape = parameters.shape(weightKey);
    const adapted = this.#adapted?.reach === 'all' ? this.#adapted : undefined;
    const changed = (weight: Value) => adapted?.kernels(builder, weight, weightKey) ?? weight;
    if (this.#convolutions === 'winograd' && stride === 1 && suitsWinograd(input, shape)) {
      return winogradConv(input, key, { builder, parameters, changed });
    }
    const weight = changed(parameters.get(weightKey));
    const bias = parameters.get(`${key}.bias`);
    return builder.conv(input, weight, { bias, stride, padding: (shape[2]! - 1) / 2, name });
  }

  linear(
    rows: Value,
    key: string,
    { bias = true, ...options }: ParameterOptions & { readonly bias?: boolean } = {},
  ): Value {
    const keys = { weight: `${key}.weight`, ...(bias && { bias: `${key}.bias` }) };
    return this.linearOf(rows, keys, { ...options, name: key });
  }

  /** As `linear`, of tensors whose keys share nothing: all are whole. */
  linearOf(
    rows: Value,
    keys: { readonly weight: string; readonly bias?: string },
    { name: stem, ...options }: ParameterOptions & { readonly name: string },
  ): Value {
    const { builder, parameters } = this;
    const { part } = options;
    const weight = parameters.get(keys.weight, options);
    const named = {
      name: part === undefined ? stem : `${stem}[${part.index}]`,
      ...(keys.bias !== undefined && {
        bias: parameters.get(keys.bias, part === undefined ? {} : { part }),
      }),
    };
    if (this.#adapted === undefined) return builder.linear(rows, weight, named);
    return this.#adapted.linear(builder, rows, {
      ...named,
      weight,
      key: keys.weight,
      ...(part !== undefined && { part }),
    });
  }

  /** A projection of each row, stored as a linear layer or as a 1 x 1 convolution, which is the same. */
  projection(rows: Value, key: string, channels: { readonly input: number; readonly output: number }): Value {
    return this.linear(rows, key, { shape: [channels.output, channels.input] });
  }

  /** Over rows. */
  layerNorm(rows: Value, key: string): Value {
    const scale = this.parameters.get(`${key}.weight`);
    const bias = this.parameters.get(`${key}.bias`);
    return this.builder.layerNormalization(rows, { scale, bias, epsilon: layerNormEpsilon });
  }

  /** Of `[N, C, H, W]`. */
  groupNorm(input: Value, key: string, epsilon: number): Value {
    const shape = [input.shape[1] as number, 1, 1];
    const scale = this.parameters.get(`${key}.weight`, { shape });
    const bias = this.parameters.get(`${key}.bias`, { shape });
    return this.builder.groupNormalization(input, { groups: normGroups, scale, bias, epsilon });
  }

  /** The pixels of `[N, C, H, W]` as rows of their channels. */
  toRows(image: Value): Value {
    const [batch, channels, height, width] = image.shape;
    const flat = this.builder.reshape(image, [0, 0, -1], { shape: [batch, channels, 'pixels'] });
    const tokens = this.builder.transpose(flat, [0, 2, 1]);
    return this.builder.reshape(tokens, [-1, channels as number], {
      shape: [rowCount(height, width), channels],
    });
  }

  /** Back from rows to the shape of `like`; `batch` is its first size. */
  toImage(rows: Value, like: Value, batch: Value): Value {
    const channels = rows.shape[1] as number;
    const target = this.#sequenceTarget({ batch }, [channels]);
    const tokens = this.builder.reshape(rows, target, { shape: [like.shape[0], 'pixels', channels] });
    const flat = this.builder.transpose(tokens, [0, 2, 1]);
    return this.builder.reshape(flat, this.builder.sizes(like, 0, 4), { shape: like.shape });
  }

  /** The rows of one picture once more for each of `batch`; those of as many pictures as they are. */
  repeatRows(rows: Value, { pictures, batch }: { readonly pictures: Value; readonly batch: Value }): Value {
    const channels = rows.shape[1] as number;
    const target = this.#sequenceTarget({ batch: pictures }, [channels]);
    const tokens = this.builder.reshape(rows, target, { shape: ['pictures', 'pixels', channels] });
    const repeated = this.builder.repeatFirst(tokens, batch, 'batch');
    return this.builder.reshape(repeated, [-1, channels], { shape: rows.shape });
  }

  /** What an attention's keys and values are made of: rows of its context, or what hypernetworks make of them. */
  contexts(rows: Value): AttentionContexts {
    return this.#hypernetworks.contexts(rows);
  }

  /** Scaled dot-product attention (arXiv 1706.03762) of rows: softmax(q k' / sqrt(width of a head) + mask) v. */
  attention(rows: AttentionRows, options: AttentionOptions): Value {
    const { builder } = this;
    const channels = rows.query.shape[1] as number;
    const mixed =
      this.#operators === 'onnxruntime' && options.mask === undefined
        ? this.#blockedAttention(rows, options)
        : this.#plainAttention(rows, options);
    return builder.reshape(mixed, [-1, channels], { shape: rows.query.shape });
  }

  #blockedAttention({ query, key, value }: AttentionRows, { heads, sequence }: AttentionOptions): Value {
    const split = (rows: Value, tokens: Dimension) => {
      const channels = rows.shape[1] as number;
      const shape: Shape = ['batch', tokens, channels];
      return this.builder.reshape(rows, this.#sequenceTarget(sequence, [channels]), { shape });
    };
    const [tokens, keyTokens] = tokenNames({ query, key });
    const tensors = {
      query: split(query, tokens),
      key: split(key, keyTokens),
      value: split(value, keyTokens),
    };
    return this.builder.multiHeadAttention(tensors, heads);
  }

  #plainAttention({ query, key, value }: AttentionRows, { heads, sequence, mask }: AttentionOptions): Value {
    const { builder } = this;
    const channels = query.shape[1] as number;
    const headWidth = channels / heads;
    const target = this.#sequenceTarget(sequence, [heads, headWidth]);
    const [tokens, keyTokens] =
      'tokens' in sequence ? [sequence.tokens, sequence.tokens] : tokenNames({ query, key });
    const split = (rows: Value, count: Dimension, order: readonly number[]) => {
      const shape: Shape = ['batch', count, heads, headWidth];
      return builder.transpose(builder.reshape(rows, target, { shape }), order);
    };
    const scale = builder.scalar(`attention.scale.${headWidth}`, 1 / Math.sqrt(headWidth));
    const scores = builder.matMul(
      builder.mul(split(query, tokens, [0, 2, 1, 3]), scale),
      split(key, keyTokens, [0, 2, 3, 1]),
    );
    const shares = builder.softmax(mask === undefined ? scores : builder.add(scores, mask));
    const mixed = builder.matMul(shares, split(value, keyTokens, [0, 2, 1, 3]));
    return builder.transpose(mixed, [0, 2, 1, 3]);
  }

  /** What tells the runtime how rows become `[batch, tokens, ...rest]`. */
  #sequenceTarget(sequence: Sequence, rest: readonly number[]): Value {
    const name = `${'tokens' in sequence ? sequence.tokens : sequence.batch.name}:${rest}`;
    let target = this.#targets.get(name);
    if (target === undefined) {
      target =
        'tokens' in sequence
          ? this.builder.integers([-1, sequence.tokens, ...rest])
          : this.builder.concat([sequence.batch, this.builder.integers([-1, ...rest])], 0);
      this.#targets.set(name, target);
    }
    return target;
  }
}

/** Names for how many tokens a picture's and another sequence's rows are to one of the batch. */
function tokenNames({ query, key }: Pick<AttentionRows, 'query' | 'key'>): readonly [Dimension, Dimension] {
  return query.shape[0] === key.shape[0] ? ['pixels', 'pixels'] : ['pixels', 'words'];
}

/** How rows are spread over a batch: by its size, a list of one, or by how many tokens each of it has. */
export type Sequence = { readonly batch: Value } | { readonly tokens: number };

export interface AttentionRows {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

export interface AttentionOptions {
  readonly heads: number;
  readonly sequence: Sequence;
  /** Added to the scores: `[tokens, tokens]`. */
  readonly mask?: Value;
}

/** The rows that the pixels of a batch make, in terms of the network's own pixels. */
function rowCount(height: Dimension, width: Dimension): Dimension {
  const pixelsPerRow = 1 / (dimensionFactor(height) * dimensionFactor(width));
  return pixelsPerRow === 1 ? 'rows' : `rows/${pixelsPerRow}`;
}
