/**
 * What a weights file is, from the keys and shapes of its header alone. A file that cannot be used is named as what it
 * looks like, so that its owner knows whether to wait, to move it or to get another.
 */
import type { ModelFamily } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { type RecognisedControlNet, recogniseControlNet } from './controlnet-family.ts';
import { HeaderKeys } from './header-keys.ts';
import { type RecognisedHypernetwork, recogniseHypernetwork } from './hypernetwork-family.ts';
import { type RecognisedLora, recogniseLora } from './lora-family.ts';
import { adapterSignatures, diffusionSignatures, otherSignatures, type Signature } from './signatures.ts';
import { familyNames, recogniseUNet, type StableDiffusionVariant } from './stable-diffusion-family.ts';
import { findEmbedding } from './textual-inversion.ts';

export type FileFamily =
  | {
      readonly kind: 'checkpoint';
      readonly architecture: string;
      readonly family: ModelFamily;
      readonly variant: StableDiffusionVariant;
    }
  /** `AutoencoderTiny` is TAESD: small and rough, for previews. */
  | { readonly kind: 'vae'; readonly architecture: 'AutoencoderKL' | 'AutoencoderTiny' }
  | RecognisedControlNet
  | RecognisedHypernetwork
  | (Pick<RecognisedLora, 'architecture' | 'family'> & { readonly kind: 'lora' })
  | {
      readonly kind: 'embedding';
      readonly architecture: 'Textual inversion';
      /** Of the text encoders that it was made for; absent where the width is of none. */
      readonly family?: ModelFamily;
      /** How many of a prompt's tokens it takes. */
      readonly vectors: number;
    };

/** Where the U-Net of a single file may be; a bare one has no prefix. */
export const ldmUNetPrefix = 'model.diffusion_model.';
/** And in a folder of diffusers. */
const diffusersUNetPrefix = 'unet.';
const diffusionPrefixes = [ldmUNetPrefix, diffusersUNetPrefix, 'model.', 'net.', ''] as const;
const vaePrefixes = ['first_stage_model.', 'vae.', ''] as const;

const variantNames: Record<StableDiffusionVariant, string> = {
  base: '',
  inpainting: ' inpainting',
  pix2pix: ' pix2pix',
};

/**
 * What a file is, as far as this version can use it. Undefined where nothing but an upscaler remains. Throws
 * `unsupported-architecture` with what the file looks like where it cannot be used.
 */
export function recogniseFile(checkpoint: Checkpoint): FileFamily | undefined {
  const file = new HeaderKeys(checkpoint);
  const lora = recogniseLora(checkpoint);
  if (lora?.foreign !== undefined) throw unsupported(checkpoint, foreignLora(lora.foreign));
  const adapter = findSignature(adapterSignatures, file);
  if (adapter !== undefined)
    throw unsupported(checkpoint, `${adapter.name}, which works beside a checkpoint`);
  if (lora !== undefined) return { kind: 'lora', ...lora };
  return (
    recogniseControlNet(checkpoint) ??
    recogniseHypernetwork(checkpoint) ??
    recogniseEmbedding(checkpoint) ??
    recogniseCheckpoint(checkpoint, file) ??
    recogniseVae(checkpoint) ??
    refuseOther(checkpoint)
  );
}

export function checkpointArchitecture(family: ModelFamily, variant: StableDiffusionVariant): string {
  return familyNames[family] + variantNames[variant];
}

function recogniseCheckpoint(checkpoint: Checkpoint, file: HeaderKeys): FileFamily | undefined {
  for (const prefix of diffusionPrefixes) {
    const keys = new HeaderKeys(checkpoint, prefix);
    const other = findSignature(diffusionSignatures, keys);
    if (other !== undefined)
      throw unsupported(
        checkpoint,
        other.purpose === 'image model' ? other.name : `${other.name}, ${article(other.purpose)}`,
      );
    for (const naming of ['ldm', 'diffusers'] as const) {
      const unet = recogniseUNet(file, { unet: keys, naming });
      if (unet === undefined || !hasUNetKeys(keys, naming)) continue;
      if ('looksLike' in unet) throw unsupported(checkpoint, unet.looksLike);
      const { family, variant } = unet;
      const architecture = checkpointArchitecture(family, variant);
      const isWhole =
        (prefix === ldmUNetPrefix &&
          naming === 'ldm' &&
          (file.hasUnder('cond_stage_model.') || file.hasUnder('conditioner.embedders.'))) ||
        (prefix === diffusersUNetPrefix &&
          naming === 'diffusers' &&
          (file.hasUnder('text_encoder.') || file.hasUnder('text_encoder_2.')));
      if (isWhole) {
        return { kind: 'checkpoint', architecture, family, variant };
      }
      throw new EngineError(
        'unsupported-architecture',
        `Expected a whole checkpoint, but ${checkpoint.file} looks like the U-Net of ${architecture} without its text encoder.`,
        {
          hint: 'Put the whole diffusers folder (with model_index.json) into the models folder, or a checkpoint in one file.',
        },
      );
    }
  }
  return undefined;
}

/** The one key by which a U-Net was found so far occurs in other networks. */
function hasUNetKeys(keys: HeaderKeys, naming: 'ldm' | 'diffusers'): boolean {
  return keys.has(naming === 'ldm' ? 'time_embed.0.weight' : 'down_blocks.0.resnets.0.norm1.weight');
}

function recogniseVae(checkpoint: Checkpoint): FileFamily | undefined {
  for (const prefix of vaePrefixes) {
    const keys = new HeaderKeys(checkpoint, prefix);
    const isTiny =
      keys.has('taesd_decoder.1.weight') ||
      keys.has('decoder.layers.0.weight') ||
      (keys.has('1.weight') && keys.has('3.conv.0.weight'));
    if (isTiny) return { kind: 'vae', architecture: 'AutoencoderTiny' };
    const latentChannels = keys.shape('decoder.conv_in.weight')[1];
    const isLdm = keys.has('decoder.mid.block_1.norm1.weight');
    const isDiffusers = keys.has('decoder.mid_block.resnets.0.norm1.weight');
    if (latentChannels === undefined || !(isLdm || isDiffusers)) continue;
    if (keys.has('decoder.mid.block_1.mix_factor')) return undefined;
    if (latentChannels !== 4) {
      throw unsupported(checkpoint, `a VAE with ${latentChannels} latent channels, of another family`);
    }
    return { kind: 'vae', architecture: 'AutoencoderKL' };
  }
  return undefined;
}

/** The widths of text encoders tell whose they are. */
const embeddingWidths: Readonly<Record<string, ModelFamily>> = {
  '768': 'sd1',
  '1024': 'sd2',
  '1280': 'sdxl-refiner',
};

function recogniseEmbedding(checkpoint: Checkpoint): FileFamily | undefined {
  const found = findEmbedding(checkpoint);
  if (found === undefined) return undefined;
  const { rows: vectors, parts } = found;
  const family = parts.length === 2 ? 'sdxl' : embeddingWidths[parts[0]!.width];
  return {
    kind: 'embedding',
    architecture: 'Textual inversion',
    vectors,
    ...(family !== undefined && { family }),
  };
}

function refuseOther(checkpoint: Checkpoint): undefined {
  for (const prefix of ['', 'params_ema.', 'params.']) {
    const other = findSignature(otherSignatures, new HeaderKeys(checkpoint, prefix));
    if (other !== undefined) throw unsupported(checkpoint, `${article(other.purpose)} (${other.name})`);
  }
  return undefined;
}

function findSignature(signatures: readonly Signature[], keys: HeaderKeys): Signature | undefined {
  return signatures.find((signature) => signature.keys.every((key) => keys.matches(key)));
}

/** A LoRA for another model, or another kind of change. */
function foreignLora(foreign: string): string {
  const isModel = !/adaptation$|^GLoRA$/.test(foreign);
  return isModel ? `a LoRA for ${foreign}` : article(foreign);
}

function article(noun: string): string {
  return /^[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function unsupported(checkpoint: Checkpoint, what: string): EngineError {
  return new EngineError(
    'unsupported-architecture',
    `${checkpoint.file} looks like ${what}; not supported yet.`,
    { hint: 'Choose another model; this file can stay where it is for a later version of Inlay.' },
  );
}
