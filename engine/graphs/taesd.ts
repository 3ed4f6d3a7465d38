/** The decoder of TAESD (madebyollin/taesd, taesd.py), a tiny stand-in for an autoencoder's: previews within a step's time. */
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { RecordedGraph, Value } from '../onnx/graph-recorder.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { Parameters } from './parameters.ts';
import { axisSize, checkTensors, convLayout, type MutableTensorLayout } from './tensor-layout.ts';

export interface TaesdConfig {
  readonly latentChannels: number;
  readonly features: number;
  /** What comes before a layer's number. */
  readonly prefix: string;
  /** The number of the first convolution. */
  readonly first: number;
}

/** The decoder in one file with others, in its own, and as diffusers' `AutoencoderTiny` has it, which counts no clamp. */
const namings = [
  { prefix: 'taesd_decoder.', first: 1 },
  { prefix: 'decoder.layers.', first: 0 },
  { prefix: 'vae.decoder.layers.', first: 0 },
  { prefix: '', first: 1 },
] as const;

/** Blocks at each of the four sizes, from the latent's up; between them a doubling and a convolution without bias. */
const blockCounts = [3, 3, 3, 1] as const;
/** The first convolution and its activation. */
const headLayers = 2;
/** Positions of a block's convolutions between its activations. */
const blockConvs = [0, 2, 4] as const;

/** Layer numbers, from the first convolution's. */
interface TaesdLayers {
  readonly stages: readonly { readonly blocks: readonly string[]; readonly conv: string }[];
  readonly convIn: string;
}

function layerKeys({ prefix, first }: Pick<TaesdConfig, 'prefix' | 'first'>): TaesdLayers {
  let position = first + headLayers;
  const stages = blockCounts.map((count, index) => {
    const blocks = Array.from({ length: count }, () => `${prefix}${position++}`);
    // The doubling has a number, but no weights.
    if (index < blockCounts.length - 1) position++;
    return { blocks, conv: `${prefix}${position++}` };
  });
  return { convIn: `${prefix}${first}`, stages };
}

/**
 * What the header says the network is; `undefined` where it is no TAESD decoder. Throws `tensor-mismatch` where it looks
 * like one but does not fit.
 */
export function detectTaesdConfig(checkpoint: Checkpoint): TaesdConfig | undefined {
  const isBlockKey = /^\d+\.conv\.[024]\.weight$/;
  const keys = [...checkpoint.tensors.keys()];
  const naming = namings.find(({ prefix }) =>
    keys.some((key) => key.startsWith(prefix) && isBlockKey.test(key.slice(prefix.length))),
  );
  if (naming === undefined) return undefined;
  const { convIn, stages } = layerKeys(naming);
  const features = axisSize(checkpoint, `${convIn}.weight`, 0);
  const latentChannels = axisSize(checkpoint, `${convIn}.weight`, 1);
  const layout: MutableTensorLayout = new Map(convLayout(convIn, [features, latentChannels, 3, 3]));
  for (const [index, { blocks, conv }] of stages.entries()) {
    for (const block of blocks) {
      for (const position of blockConvs) {
        const shape = [features, features, 3, 3];
        for (const [name, size] of convLayout(`${block}.conv.${position}`, shape)) layout.set(name, size);
      }
    }
    if (index === stages.length - 1) {
      for (const [name, size] of convLayout(conv, [3, features, 3, 3])) layout.set(name, size);
    } else {
      layout.set(`${conv}.weight`, [features, features, 3, 3]);
    }
  }
  checkTensors(checkpoint, layout, {
    prefix: naming.prefix,
    looksLike: `the decoder of TAESD (${latentChannels} latent channels, ${features} features)`,
  });
  return { latentChannels, features, ...naming };
}

/** Latents beyond this are as good as at it. */
const latentLimit = 3;

/** Input `latent` float32 [N, latent, h, w] as the UNet sees it; output `image` [N, 3, h * 8, w * 8] in about [-1, 1]. */
export function buildTaesdDecoder(checkpoint: Checkpoint, config: TaesdConfig): RecordedGraph {
  const builder = new GraphBuilder('TAESD');
  const parameters = new Parameters(builder, checkpoint);
  const { convIn, stages } = layerKeys(config);
  const shape = ['batch', config.latentChannels, 'height', 'width'];
  const latent = builder.input({ name: 'latent', dtype: 'float32', shape });
  const limit = builder.scalar('latent.limit', latentLimit);
  const clamped = builder.mul(builder.tanh(builder.div(latent, limit)), limit);

  const block = (input: Value, key: string) => {
    const [first, second, third] = blockConvs.map((position) => `${key}.conv.${position}`);
    const inner = builder.relu(parameters.conv(builder.relu(parameters.conv(input, first)), second));
    return builder.relu(builder.add(parameters.conv(inner, third), input));
  };
  let hidden = builder.relu(parameters.conv(clamped, convIn));
  for (const [index, { blocks, conv }] of stages.entries()) {
    for (const key of blocks) hidden = block(hidden, key);
    if (index === stages.length - 1) {
      hidden = parameters.conv(hidden, conv);
    } else {
      const weight = parameters.get(`${conv}.weight`);
      hidden = builder.conv(builder.resizeNearest(hidden, 2), weight, { padding: 1 });
    }
  }
  // From [0, 1], in which it was trained.
  const doubled = builder.mul(hidden, builder.scalar('two', 2));
  builder.output(builder.add(doubled, builder.scalar('minus.one', -1), 'image'));
  return builder.finish();
}
