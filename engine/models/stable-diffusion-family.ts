/**
 * Tells the U-Nets of the latent-diffusion line apart: they share their key names, so shapes and neighbours decide.
 */
import type { ModelFamily } from '../api.ts';
import type { HeaderKeys } from './header-keys.ts';

export type StableDiffusionVariant = 'base' | 'inpainting' | 'pix2pix';

export type RecognisedUNet =
  | { readonly family: ModelFamily; readonly variant: StableDiffusionVariant }
  /** One of the line that cannot be run. */
  | { readonly looksLike: string };

export const familyNames: Record<ModelFamily, string> = {
  sd1: 'Stable Diffusion 1.x',
  sd2: 'Stable Diffusion 2.x',
  sdxl: 'SDXL',
  'sdxl-refiner': 'SDXL refiner',
};

/** What the U-Net is fed: the noisy latent (4), with an image's latent (8), with a masked image's latent and a mask (9). */
const variants: Readonly<Record<number, StableDiffusionVariant>> = {
  4: 'base',
  8: 'pix2pix',
  9: 'inpainting',
};

/** Names in the layout of the original code and in that of diffusers. */
const unetNames = {
  ldm: {
    input: 'input_blocks.0.0.weight',
    projection: 'input_blocks.1.1.proj_in.weight',
    label: 'label_emb.0.0.weight',
    labelTable: 'label_emb.weight',
    temporal: 'input_blocks.1.1.time_stack.0.attn1.to_q.weight',
  },
  diffusers: {
    input: 'conv_in.weight',
    projection: 'down_blocks.0.attentions.0.proj_in.weight',
    label: 'add_embedding.linear_1.weight',
    labelTable: 'class_embedding.weight',
    temporal: 'down_blocks.0.resnets.0.temporal_res_block.norm1.weight',
  },
} as const;

/** The width of what SDXL is told beside the prompt's tokens: the prompt as a whole (1280) and six numbers of 256, or five. */
const sdxlLabelWidth = 2816;
const refinerLabelWidth = 2560;

/** Tensors by which SDXL models are known whose noise is another (EDM, arXiv 2206.00364). */
const edmMarkers: Readonly<Record<string, string>> = {
  edm_mean: 'Playground v2.5',
  'edm_vpred.sigma_max': 'CosXL',
};

/**
 * `file` has all keys of the file, `unet` those of the U-Net. Undefined where it is no U-Net of this line. Widths, depths
 * and counts of heads do not matter: a family is known by what its layers are.
 */
export function recogniseUNet(
  file: HeaderKeys,
  { unet, naming }: { readonly unet: HeaderKeys; readonly naming: 'ldm' | 'diffusers' },
): RecognisedUNet | undefined {
  const names = unetNames[naming];
  const inChannels = unet.shape(names.input)[1];
  if (inChannels === undefined) return undefined;
  const unsupported = unsupportedUNet(file, { unet, naming });
  if (unsupported !== undefined) return { looksLike: unsupported };
  const family = xlFamilyOf(file, { unet, naming }) ?? familyOf(file, { unet, projection: names.projection });
  const variant = variants[inChannels];
  if (variant === undefined) {
    const what = inChannels === 5 ? 'the depth model' : `a model with ${inChannels} input channels`;
    return { looksLike: `${what} of ${familyNames[family]}` };
  }
  return { family, variant };
}

/** SD 1.x projects into a transformer with a convolution, SD 2.x with a matrix; the text encoders differ as well. */
function familyOf(
  file: HeaderKeys,
  { unet, projection }: { readonly unet: HeaderKeys; readonly projection: string },
): ModelFamily {
  const rank = unet.shape(projection).length;
  if (rank === 2) return 'sd2';
  if (rank === 4) return 'sd1';
  return file.hasUnder('cond_stage_model.model.') ? 'sd2' : 'sd1';
}

function unsupportedUNet(
  file: HeaderKeys,
  { unet, naming }: { readonly unet: HeaderKeys; readonly naming: 'ldm' | 'diffusers' },
): string | undefined {
  const names = unetNames[naming];
  if (unet.has(names.temporal)) return 'Stable Video Diffusion';
  if (file.has('cc_projection.weight')) return 'Stable Zero123';
  if (unet.has(names.labelTable)) return 'the Stable Diffusion x4 upscaler';
  if (file.hasUnder('depth_model.')) return 'the depth model of Stable Diffusion 2.x';
  const edm = Object.entries(edmMarkers).find(([marker]) => file.has(marker));
  if (edm !== undefined) {
    return `${edm[1]}, an SDXL that was trained with another kind of noise (EDM)`;
  }
  const isLabelled = unet.shape(names.label).length > 0;
  return isLabelled && xlFamilyOf(file, { unet, naming }) === undefined
    ? 'Stable Diffusion 2.1 unCLIP'
    : undefined;
}

/** SDXL and its refiner, by their text encoders where the file has them, else by what the U-Net is told. */
function xlFamilyOf(
  file: HeaderKeys,
  { unet, naming }: { readonly unet: HeaderKeys; readonly naming: 'ldm' | 'diffusers' },
): ModelFamily | undefined {
  const names = unetNames[naming];
  const labelWidth = unet.shape(names.label)[1];
  if (labelWidth === undefined) return undefined;
  const hasFirst = file.hasUnder('conditioner.embedders.0.transformer.') || file.hasUnder('text_encoder.');
  const hasSecond = file.hasUnder('conditioner.embedders.1.') || file.hasUnder('text_encoder_2.');
  if (labelWidth === sdxlLabelWidth) return 'sdxl';
  if (labelWidth === refinerLabelWidth) return 'sdxl-refiner';
  if (hasFirst && hasSecond) return 'sdxl';
  if (hasSecond || file.hasUnder('conditioner.embedders.0.model.')) return 'sdxl-refiner';
  // SDXL has no transformers at full size, whatever its widths.
  return unet.shape(names.projection).length === 0 ? 'sdxl' : undefined;
}
