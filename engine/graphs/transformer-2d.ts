/** The transformer between a UNet's residual blocks (arXiv 2112.10752, attention.py › SpatialTransformer). The keys below its own are the same in both namings. */
import type { Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import type { Layers } from './layers.ts';
import { convLayout, type MutableTensorLayout } from './tensor-layout.ts';

const groupNormEpsilon = 1e-6;
/** The feed-forward part is this much wider than the tokens, and twice that with its gates. */
const feedForwardFactor = 4;

export interface Transformer2DSizes {
  readonly channels: number;
  readonly context: number;
  readonly depth: number;
  /** Projections in and out are 1 x 1 convolutions (SD 1.x) or linear layers (SD 2.x). */
  readonly projection: 'conv' | 'linear';
}

export function addTransformer2DLayout(
  layout: MutableTensorLayout,
  key: string,
  sizes: Transformer2DSizes,
): void {
  const { channels, context, depth, projection } = sizes;
  const add = (part: string, shape: readonly number[]) => {
    for (const [name, size] of convLayout(`${key}.${part}`, shape)) layout.set(name, size);
  };
  const projectionShape = projection === 'conv' ? [channels, channels, 1, 1] : [channels, channels];
  add('norm', [channels]);
  add('proj_in', projectionShape);
  for (let index = 0; index < depth; index++) {
    const block = `transformer_blocks.${index}`;
    for (const [attention, keyWidth] of [
      ['attn1', channels],
      ['attn2', context],
    ] as const) {
      layout.set(`${key}.${block}.${attention}.to_q.weight`, [channels, channels]);
      layout.set(`${key}.${block}.${attention}.to_k.weight`, [channels, keyWidth]);
      layout.set(`${key}.${block}.${attention}.to_v.weight`, [channels, keyWidth]);
      add(`${block}.${attention}.to_out.0`, [channels, channels]);
    }
    for (const norm of ['norm1', 'norm2', 'norm3']) add(`${block}.${norm}`, [channels]);
    const inner = feedForwardFactor * channels;
    add(`${block}.ff.net.0.proj`, [2 * inner, channels]);
    add(`${block}.ff.net.2`, [channels, inner]);
  }
  add('proj_out', projectionShape);
}

const keyProjection = /\.transformer_blocks\.\d+\.attn[12]\.to_k\.weight$/;

/** How wide the contexts of a checkpoint's attentions are, rising: of its pictures' own tokens, and of texts. */
export function contextWidths({ tensors }: Checkpoint): readonly number[] {
  const widths = new Set<number>();
  for (const [key, { shape }] of tensors) if (keyProjection.test(key)) widths.add(shape[1]!);
  return [...widths].sort((a, b) => a - b);
}

export interface Transformer2D {
  readonly key: string;
  readonly depth: number;
  readonly heads: number;
  /** The text's tokens as rows. */
  readonly contextRows: Value;
  /** The number of texts, as a list of one. */
  readonly batch: Value;
  /** Until they have seen a text: the number of pictures, as a list of one, which is that of texts or 1. */
  readonly pictures?: Value;
}

/** Adds to `[N, C, H, W]` what its pixels, as tokens, learn from each other and from the text: one for each text. */
export function transformer2D(layers: Layers, pictures: Value, transformer: Transformer2D): Value {
  const { key, depth, heads, contextRows, batch } = transformer;
  const { builder } = layers;
  let input = pictures;
  let sequence = { batch: transformer.pictures ?? batch };
  const channels = input.shape[1] as number;
  const sizes = { input: channels, output: channels };

  let rows = layers.toRows(layers.groupNorm(input, `${key}.norm`, groupNormEpsilon));
  rows = layers.projection(rows, `${key}.proj_in`, sizes);
  for (let index = 0; index < depth; index++) {
    const block = `${key}.transformer_blocks.${index}`;
    for (const [norm, attention, context] of [
      ['norm1', 'attn1', undefined],
      ['norm2', 'attn2', contextRows],
    ] as const) {
      if (context !== undefined && sequence.batch !== batch) {
        rows = layers.repeatRows(rows, { pictures: sequence.batch, batch });
        input = builder.repeatFirst(input, batch, 'batch');
        sequence = { batch };
      }
      const part = `${block}.${attention}`;
      const normed = layers.layerNorm(rows, `${block}.${norm}`);
      const heard = layers.contexts(context ?? normed);
      const project = (from: Value, name: string) => layers.linear(from, `${part}.${name}`, { bias: false });
      const mixed = layers.attention(
        {
          query: project(normed, 'to_q'),
          key: project(heard.key, 'to_k'),
          value: project(heard.value, 'to_v'),
        },
        { heads, sequence },
      );
      rows = builder.add(layers.linear(mixed, `${part}.to_out.0`), rows);
    }
    rows = builder.add(feedForward(layers, layers.layerNorm(rows, `${block}.norm3`), `${block}.ff`), rows);
  }
  rows = layers.projection(rows, `${key}.proj_out`, sizes);
  return builder.add(layers.toImage(rows, input, batch), input);
}

/** GEGLU (arXiv 2002.05202): the first half of the projection's rows makes values, the second their gates. */
function feedForward(layers: Layers, rows: Value, key: string): Value {
  const half = (index: number) => layers.linear(rows, `${key}.net.0.proj`, { part: { index, of: 2 } });
  return layers.linear(layers.builder.mul(half(0), layers.builder.gelu(half(1))), `${key}.net.2`);
}
