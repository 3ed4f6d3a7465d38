/** Headers of files that nobody has to download: published key names, with the shapes that recognition looks at. */
import path from 'node:path';
import type { Checkpoint, TensorEntry } from '../../../engine/weights/safetensors.ts';
import { readLayout } from '../graphs/synthetic-checkpoint.ts';

export type Shapes = Readonly<Record<string, readonly number[]>>;

export function checkpointOf(shapes: Shapes, metadata: Readonly<Record<string, string>> = {}): Checkpoint {
  const entries = Object.entries(shapes).map(([name, shape]): [string, TensorEntry] => [
    name,
    { name, dtype: 'F16', shape, byteOffset: 0, byteLength: 0 },
  ]);
  return { file: 'some.safetensors', tensors: new Map(entries), metadata: new Map(Object.entries(metadata)) };
}

export function prefixed(prefix: string, shapes: Shapes): Shapes {
  return Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [prefix + key, shape]));
}

/** What tells one U-Net of the latent-diffusion line from another, small. */
export function ldmUNet({
  inChannels = 4,
  projection = [32, 32, 1, 1],
}: {
  readonly inChannels?: number;
  readonly projection?: readonly number[];
} = {}): Shapes {
  return {
    'input_blocks.0.0.weight': [32, inChannels, 3, 3],
    'time_embed.0.weight': [128, 32],
    'input_blocks.1.1.proj_in.weight': projection,
    'input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight': [32, 64],
  };
}

const matrix = [32, 32];

export const sd1Text: Shapes = {
  'cond_stage_model.transformer.text_model.embeddings.position_embedding.weight': [77, 64],
};
export const sd2Text: Shapes = { 'cond_stage_model.model.ln_final.weight': [64] };

export function sd1Checkpoint(inChannels = 4): Shapes {
  return { ...prefixed('model.diffusion_model.', ldmUNet({ inChannels })), ...sd1Text };
}

export function sd2Checkpoint(inChannels = 4): Shapes {
  return {
    ...prefixed('model.diffusion_model.', ldmUNet({ inChannels, projection: matrix })),
    ...sd2Text,
  };
}

export function sdxlCheckpoint(inChannels = 4): Shapes {
  return {
    'model.diffusion_model.input_blocks.0.0.weight': [320, inChannels, 3, 3],
    'model.diffusion_model.time_embed.0.weight': [1280, 320],
    'model.diffusion_model.input_blocks.4.1.proj_in.weight': [640, 640],
    'model.diffusion_model.label_emb.0.0.weight': [1280, 2816],
    'conditioner.embedders.0.transformer.text_model.embeddings.position_embedding.weight': [77, 768],
    'conditioner.embedders.1.model.ln_final.weight': [1280],
  };
}

export const sdxlRefiner: Shapes = {
  'model.diffusion_model.input_blocks.0.0.weight': [384, 4, 3, 3],
  'model.diffusion_model.time_embed.0.weight': [1536, 384],
  'model.diffusion_model.input_blocks.4.1.proj_in.weight': [768, 768],
  'model.diffusion_model.label_emb.0.0.weight': [1536, 2560],
  'conditioner.embedders.0.model.ln_final.weight': [1280],
};

export const ldmVae: Shapes = {
  'encoder.conv_in.weight': [32, 3, 3, 3],
  'decoder.conv_in.weight': [64, 4, 3, 3],
  'decoder.mid.block_1.norm1.weight': [64],
};

/** The layout of a tiny network that really runs (tests/golden/networks). */
export async function networkShapes(name: string): Promise<Shapes> {
  const folder = path.join(import.meta.dirname, '../../golden/networks');
  return (await readLayout(folder, name)).tensors;
}
