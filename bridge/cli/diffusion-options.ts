/** What steers a diffusion model, for the commands that draw with one. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { areFalling, defaultLimits, timestepRange } from '../protocol/limits.ts';
import {
  contextChoices,
  type DiffusionFields,
  type PaintFields,
  predictionTypes,
  type RepaintFields,
  randomGenerators,
  type WorkingSize,
  workingSizes,
} from '../protocol/messages.ts';
import { type AdapterFlags, addAdapterOptions } from './adapter-options.ts';
import { addBatchOptions, type BatchFlags, batchOf } from './batch-options.ts';
import { nonNegativeNumber, pictureSize, shareOfOne, wholeNumber } from './options.ts';

export interface DiffusionFlags extends BatchFlags, AdapterFlags {
  readonly negativePrompt?: string;
  readonly style?: string;
  readonly vae?: string;
  readonly upscaler?: string;
  readonly scheduler?: string;
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  readonly guidanceScale?: number;
  readonly guidanceRescale?: number;
  readonly rng?: (typeof randomGenerators)[number];
  readonly clipSkip?: number;
  readonly predictionType?: (typeof predictionTypes)[number];
}

/** Reads `auto`, `native`, or a size such as `768x512`. */
function workingSize(text: string): WorkingSize {
  const choice = workingSizes.find((known) => known === text);
  if (choice !== undefined) return choice;
  if (/^\d/.test(text)) return pictureSize(text);
  throw new InvalidArgumentError(`Expected ${workingSizes.join(', ')}, or a size in pixels such as 768x512.`);
}

/** Reads falling whole numbers, such as `999,749,499,249`. */
function timestepList(text: string): readonly number[] {
  const list = text.split(',').map(wholeNumber(timestepRange));
  if (areFalling(list)) return list;
  throw new InvalidArgumentError('Expected each to be below the one before, such as 999,749,499,249.');
}

export interface RepaintFlags extends DiffusionFlags {
  readonly strength?: number;
  readonly workingSize?: WorkingSize;
  readonly imageGuidanceScale?: number;
}

const { maxInferenceSteps, maxGuidanceScale, maxClipSkip } = defaultLimits;

export function addDiffusionOptions(command: Command): Command {
  command
    .option('--negative-prompt <text>', 'what is not to be seen')
    .option(
      '--style <name>',
      'a look by its name, one of `inlay styles`: words around the prompt, and settings',
    )
    .option(
      '--vae <name|file>',
      "another autoencoder than the checkpoint's own: a VAE, or another checkpoint's",
    )
    .option(
      '--upscaler <name|file>',
      'what enlarges a drawing that is smaller than the picture; see `inlay models`',
    )
    .option('--scheduler <name>', 'ddim, euler, dpmpp-2m-karras … (default: dpmpp-2m-karras)')
    .option(
      '--steps <number>',
      `how often the picture is worked over, 1 to ${maxInferenceSteps} (default: 20)`,
      wholeNumber({ min: 1, max: maxInferenceSteps }),
    )
    .option(
      '--timesteps <list>',
      `how noisy it is at each step, falling from ${timestepRange.max} to ${timestepRange.min}, such as 999,749,499,249 (default: as the model or the scheduler has it)`,
      timestepList,
    )
    .option(
      '--guidance-scale <number>',
      `how closely it follows the prompt, up to ${maxGuidanceScale}; 1 = not guided (default: 7.5)`,
      nonNegativeNumber({ max: maxGuidanceScale }),
    )
    .option(
      '--guidance-rescale <number>',
      'against the overexposure of a high guidance scale, 0 to 1; 0.7 is usual (default: 0)',
      nonNegativeNumber({ max: 1 }),
    )
    .addOption(
      new Option(
        '--rng <generator>',
        "whose random numbers a seed stands for: torch's on a CPU, or CUDA's",
      ).choices(randomGenerators),
    )
    .option(
      '--clip-skip <number>',
      "which of the text encoder's layers is used, from the end; 1 = the last (default: 1)",
      wholeNumber({ min: 1, max: maxClipSkip }),
    )
    .addOption(
      new Option('--prediction-type <type>', 'for a checkpoint that does not say what it predicts').choices(
        predictionTypes,
      ),
    );
  return addBatchOptions(addAdapterOptions(command));
}

/** Of a model's work on a picture that is there. */
export function addRepaintOptions(
  command: Command,
  { defaultStrength }: { readonly defaultStrength: number },
): Command {
  command
    .option(
      '--strength <number>',
      `how much of what was there goes, above 0; 1 = all (default: ${defaultStrength})`,
      shareOfOne,
    )
    .option(
      '--working-size <auto|native|WxH>',
      "what size the model draws at: one that it likes, the picture's own, or one in pixels (default: auto)",
      workingSize,
    )
    .option(
      '--image-guidance-scale <number>',
      `how closely a pix2pix checkpoint follows the picture, up to ${maxGuidanceScale} (default: 1.5)`,
      nonNegativeNumber({ max: maxGuidanceScale }),
    );
  return addDiffusionOptions(command);
}

/** Models, and the pictures of controls, are put in where their files are found. */
type FromFiles = 'vae' | 'upscaler' | 'controls' | 'loras' | 'hypernetworks' | 'refiner';
type Settings = Omit<DiffusionFields, FromFiles> & BatchFlags;

export function diffusionOf(flags: DiffusionFlags): Settings {
  const { negativePrompt, style, scheduler, steps, guidanceScale, guidanceRescale } = flags;
  const { rng, clipSkip, predictionType, timesteps } = flags;
  return {
    ...(negativePrompt !== undefined && { negativePrompt }),
    ...(style !== undefined && { style }),
    ...(scheduler !== undefined && { scheduler }),
    ...(steps !== undefined && { numInferenceSteps: steps }),
    ...(timesteps !== undefined && { timesteps }),
    ...(guidanceScale !== undefined && { guidanceScale }),
    ...(guidanceRescale !== undefined && { guidanceRescale }),
    ...(rng !== undefined && { rng }),
    ...(clipSkip !== undefined && { clipSkip }),
    ...(predictionType !== undefined && { predictionType }),
    ...batchOf(flags),
  };
}

export function repaintOf(
  flags: RepaintFlags,
): Settings & Pick<RepaintFields, 'strength' | 'workingSize' | 'imageGuidanceScale'> {
  const { strength, workingSize, imageGuidanceScale } = flags;
  return {
    ...diffusionOf(flags),
    ...(strength !== undefined && { strength }),
    ...(workingSize !== undefined && { workingSize }),
    ...(imageGuidanceScale !== undefined && { imageGuidanceScale }),
  };
}

export interface PaintFlags extends RepaintFlags {
  readonly prompt?: string;
  readonly context?: NonNullable<PaintFields['context']>;
}

/** Of what may be painted from words. */
export function addPaintOptions(command: Command): Command {
  command
    .option('--prompt <text>', 'what is to be painted; the options of a prompt need it')
    .addOption(
      new Option(
        '--context <choice>',
        'how much of the picture around it the model is shown (default: auto)',
      ).choices(contextChoices),
    );
  return addRepaintOptions(command, { defaultStrength: 1 });
}

export function paintOf(flags: PaintFlags): Settings & Omit<PaintFields, FromFiles> {
  const { prompt, context } = flags;
  return {
    ...(prompt !== undefined && { prompt }),
    ...(context !== undefined && { context }),
    ...repaintOf(flags),
  };
}
