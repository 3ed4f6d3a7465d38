/** What steers a diffusion model, for the commands that draw with one. */
import { type Command, Option } from 'commander';
import { defaultLimits } from '../protocol/limits.ts';
import { type GenerateRequest, predictionTypes, randomGenerators } from '../protocol/messages.ts';
import { addBatchOptions, type BatchFlags, batchOf } from './batch-options.ts';
import { nonNegativeNumber, wholeNumber } from './options.ts';

export interface DiffusionFlags extends BatchFlags {
  readonly negativePrompt?: string;
  readonly vae?: string;
  readonly scheduler?: string;
  readonly steps?: number;
  readonly guidanceScale?: number;
  readonly rng?: (typeof randomGenerators)[number];
  readonly clipSkip?: number;
  readonly predictionType?: (typeof predictionTypes)[number];
}

const { maxInferenceSteps, maxGuidanceScale, maxClipSkip } = defaultLimits;

export function addDiffusionOptions(command: Command): Command {
  command
    .option('--negative-prompt <text>', 'what is not to be seen')
    .option('--vae <name|file>', "another autoencoder than the checkpoint's own")
    .option('--scheduler <name>', 'ddim, euler, euler-karras … (default: euler)')
    .option(
      '--steps <number>',
      `how often the picture is worked over, 1 to ${maxInferenceSteps} (default: 20)`,
      wholeNumber({ min: 1, max: maxInferenceSteps }),
    )
    .option(
      '--guidance-scale <number>',
      `how closely it follows the prompt, up to ${maxGuidanceScale}; 1 = not guided (default: 7.5)`,
      nonNegativeNumber({ max: maxGuidanceScale }),
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
  return addBatchOptions(command);
}

export function diffusionOf(
  flags: DiffusionFlags,
): Omit<GenerateRequest, 'operation' | 'prompt' | 'model' | 'vae'> {
  const { negativePrompt, scheduler, steps, guidanceScale, rng, clipSkip, predictionType } = flags;
  return {
    ...(negativePrompt !== undefined && { negativePrompt }),
    ...(scheduler !== undefined && { scheduler }),
    ...(steps !== undefined && { numInferenceSteps: steps }),
    ...(guidanceScale !== undefined && { guidanceScale }),
    ...(rng !== undefined && { rng }),
    ...(clipSkip !== undefined && { clipSkip }),
    ...(predictionType !== undefined && { predictionType }),
    ...batchOf(flags),
  };
}
