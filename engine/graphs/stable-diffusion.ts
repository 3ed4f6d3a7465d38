/**
 * The door to the networks of Stable Diffusion 1.x, 2.x and XL: graphs for the parts of a checkpoint. Each part is found by its
 * keys, in a single file, in a folder of diffusers opened as one checkpoint, or in a file of its own.
 */
import { EngineError } from '../errors.ts';
import { cutIntoStages, type GraphStage } from '../onnx/graph-stage.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import {
  buildAutoencoderDecoder,
  buildAutoencoderEncoder,
  detectAutoencoderConfig,
} from './autoencoder-kl.ts';
import {
  buildClipTextModel,
  type ClipTextConfig,
  type ClipTextOptions,
  detectTextEncoders,
} from './clip-text-model.ts';
import type { EmitOptions } from './layers.ts';
import { buildTaesdDecoder, detectTaesdConfig } from './taesd.ts';
import { namedKeys } from './tensor-layout.ts';
import { buildUNet, detectUNetConfig, type UNetConfig } from './unet-2d-condition.ts';
import { minWinogradChannels } from './winograd.ts';

export interface TextEncoderOptions extends ClipTextOptions {
  /** Which of a file's, from 0; SDXL has two. */
  readonly encoder?: number;
}

/**
 * A text encoder of a file: `input_ids` int32 [N, 77], and `vectors` [N, 77, channels] where `kept` [N, 77, 1] is not 1,
 * to `hidden_states` [N, 77, channels]; of SDXL's second `end` [N, 1, 77] to `pooled` too. Like every graph here it is one
 * stage, to be opened with the folder of `checkpoint.file` as weights folder. Throws `tensor-mismatch` or
 * `unsupported-architecture`.
 */
export function emitTextEncoder(
  checkpoint: Checkpoint,
  { encoder = 0, ...options }: TextEncoderOptions = {},
): readonly GraphStage[] {
  return cutIntoStages(buildClipTextModel(checkpoint, textEncoders(checkpoint)[encoder]!, options));
}

/** The text encoders of a file, at least one, in the order in which what they make of a prompt is joined. Throws what `emitTextEncoder` throws. */
export function textEncoders(checkpoint: Checkpoint): readonly ClipTextConfig[] {
  const found = detectTextEncoders(checkpoint);
  required(found[0], { checkpoint, what: 'a CLIP text encoder' });
  return found;
}

/**
 * What a full-size network does best with. Winograd's filtering takes over from most blocked convolutions; where it has no
 * use, at the small sizes, blocks give little (1280 wide at 8 x 8: nothing to a quarter) for what they cost in loading.
 */
export const wideTuning = { blockedConvolutions: false, keepsMemory: true } as const;

/**
 * In how many numbers the UNet of a file wants to be told how strongly the prompt guides, as `timestep_cond`; undefined
 * where it is not told, and guided from outside.
 */
export function guidanceChannels(checkpoint: Checkpoint): number | undefined {
  return required(detectUNetConfig(checkpoint), { checkpoint, what: 'a UNet' }).guidanceChannels;
}

/** What a ControlNet and the UNet that it adds to have in common. */
export type ControlSizes = Pick<UNetConfig, 'contextChannels' | 'labelChannels' | 'residualChannels'>;

/** Of the UNet of a file; its inputs `residualName(index)` have `residualChannels` each. */
export function controlSizes(checkpoint: Checkpoint): ControlSizes {
  return required(detectUNetConfig(checkpoint), { checkpoint, what: 'a UNet' });
}

/** In how many numbers the UNet of a file wants to be told of the prompt as a whole and of sizes, as `added_conditioning` (SDXL). */
export function labelChannels(checkpoint: Checkpoint): number | undefined {
  return required(detectUNetConfig(checkpoint), { checkpoint, what: 'a UNet' }).labelChannels;
}

/**
 * `sample` [N, C, H, W], `timestep` [1], `encoder_hidden_states` [N, T, channels] and what `guidanceChannels`,
 * `labelChannels` and `residualChannels` say, to `noise_pred` [N, 4, H, W].
 */
export function emitUNet(checkpoint: Checkpoint, options: EmitOptions = {}): readonly GraphStage[] {
  const config = required(detectUNetConfig(checkpoint), { checkpoint, what: 'a UNet' });
  const isWide = config.modelChannels >= minWinogradChannels && options.convolutions === 'winograd';
  return cutIntoStages(buildUNet(checkpoint, config, options), isWide ? { tuning: wideTuning } : {});
}

/** Whether a file has an autoencoder: some checkpoints are published without theirs. Throws what `emitVaeDecoder` throws. */
export function hasAutoencoder(checkpoint: Checkpoint): boolean {
  return detectAutoencoderConfig(checkpoint) !== undefined;
}

/** `latent` [N, 4, h, w], divided by the scaling factor, to `image` [N, 3, h * 8, w * 8] in about [-1, 1]. */
export function emitVaeDecoder(checkpoint: Checkpoint, options: EmitOptions = {}): readonly GraphStage[] {
  const config = required(detectAutoencoderConfig(checkpoint), { checkpoint, what: 'an autoencoder' });
  return cutIntoStages(buildAutoencoderDecoder(checkpoint, config, options));
}

/** `image` [N, 3, H, W] in [-1, 1], sizes multiples of 8, to `moments` [N, 8, h, w]: means, then log variances. */
export function emitVaeEncoder(checkpoint: Checkpoint, options: EmitOptions = {}): readonly GraphStage[] {
  const config = required(detectAutoencoderConfig(checkpoint), { checkpoint, what: 'an autoencoder' });
  return cutIntoStages(buildAutoencoderEncoder(checkpoint, config, options));
}

/** `latent` [N, 4, h, w] as the UNet sees it to `image` [N, 3, h * 8, w * 8] in about [-1, 1], quickly and roughly. */
export function emitTaesdDecoder(checkpoint: Checkpoint): readonly GraphStage[] {
  const config = required(detectTaesdConfig(checkpoint), { checkpoint, what: 'a TAESD decoder' });
  return cutIntoStages(buildTaesdDecoder(checkpoint, config));
}

/**
 * Holds every network that a file has against what it should be. Throws `tensor-mismatch` or `unsupported-architecture`
 * where one cannot be run, before any is loaded.
 */
export function checkStableDiffusion(checkpoint: Checkpoint): void {
  const unet = detectUNetConfig(checkpoint);
  const encoders = detectTextEncoders(checkpoint);
  detectAutoencoderConfig(checkpoint);
  if (unet?.labelChannels !== undefined) checkTextWidths(checkpoint, unet, encoders);
}

/** What SDXL's UNet listens to is what its text encoders give together: so one that is missing is missed. */
function checkTextWidths(
  checkpoint: Checkpoint,
  { contextChannels }: UNetConfig,
  encoders: readonly ClipTextConfig[],
): void {
  const width = encoders.reduce((sum, { channels }) => sum + channels, 0);
  const isPooled = encoders.some(({ pooledChannels }) => pooledChannels !== undefined);
  if (width === contextChannels && isPooled) return;
  const received = encoders.map(({ channels }) => `one ${channels} wide`).join(' and ') || 'none';
  throw new EngineError(
    'unsupported-architecture',
    `Expected the text encoders of SDXL in ${checkpoint.file}, ${contextChannels} wide together, received ${received}.`,
    {
      hint: 'A text encoder is missing: get the whole checkpoint, or the whole folder, where it was published.',
    },
  );
}

function required<T>(
  config: T | undefined,
  { checkpoint, what }: { readonly checkpoint: Checkpoint; readonly what: string },
): T {
  if (config !== undefined) return config;
  throw new EngineError(
    'unsupported-architecture',
    `Expected ${what} of Stable Diffusion in ${checkpoint.file}, received ${namedKeys(checkpoint)}.`,
  );
}
