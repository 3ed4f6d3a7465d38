/** A request for a picture from words, made complete: the settings of the diffusion model and the picture's size. */
import type { ModelInfo } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import { generateSideMultiple, minGenerateSide } from '../protocol/limits.ts';
import type { GenerateRequest, Limits, OutputRequest } from '../protocol/messages.ts';

/** What a request that names none gets. */
const defaultScheduler = 'euler';
const defaultInferenceSteps = 20;
const defaultGuidanceScale = 7.5;
/** Sides of a picture where the model's file does not say what size it likes. */
const usualSides = { sd1: 512, sd2: 768 } as const;

type Optional = 'vae' | 'predictionType';
/** Without a VAE or a prediction type of its own it takes the model's. */
export type ResolvedGenerateRequest = Required<Omit<GenerateRequest, Optional>> &
  Pick<GenerateRequest, Optional> & { readonly output: Required<OutputRequest> };

export interface ResolveGenerateOptions {
  readonly model: ModelInfo;
  readonly vae: ModelInfo | undefined;
  readonly output: Required<OutputRequest>;
  readonly limits: Limits;
  readonly seed: number;
  readonly count: number;
}

/** Throws `invalid-option` for what is beyond a limit. */
export function resolveGenerate(
  request: GenerateRequest,
  { model, vae, output, limits, seed, count }: ResolveGenerateOptions,
): ResolvedGenerateRequest {
  const usualSide = usualSides[model.family ?? 'sd1'];
  const usualSize = model.resolution ?? { width: usualSide, height: usualSide };
  const {
    prompt,
    negativePrompt = '',
    scheduler = defaultScheduler,
    numInferenceSteps = defaultInferenceSteps,
    guidanceScale = defaultGuidanceScale,
    rng = 'cpu',
    clipSkip = 1,
    predictionType,
    width = usualSize.width,
    height = usualSize.height,
  } = request;
  checkPrompt('prompt', prompt, limits);
  checkPrompt('negativePrompt', negativePrompt, limits);
  checkRange('numInferenceSteps', numInferenceSteps, { min: 1, max: limits.maxInferenceSteps });
  checkRange('guidanceScale', guidanceScale, { min: 0, max: limits.maxGuidanceScale });
  checkRange('clipSkip', clipSkip, { min: 1, max: limits.maxClipSkip });
  for (const [name, side] of [
    ['width', width],
    ['height', height],
  ] as const) {
    checkRange(name, side, { min: minGenerateSide, max: limits.maxGenerateSide });
    if (side % generateSideMultiple !== 0) throw wrongMultiple(name, side);
  }
  return {
    operation: 'generate',
    model: model.name,
    ...(vae !== undefined && { vae: vae.name }),
    output,
    prompt,
    negativePrompt,
    scheduler,
    numInferenceSteps,
    guidanceScale,
    seed,
    rng,
    clipSkip,
    ...(predictionType !== undefined && { predictionType }),
    width,
    height,
    count,
  };
}

function checkPrompt(name: string, text: string, { maxPromptLength }: Limits): void {
  if (text.length <= maxPromptLength) return;
  throw invalid(`Expected \`${name}\` of ${maxPromptLength} characters at most, received ${text.length}.`);
}

function checkRange(
  name: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (value >= min && value <= max) return;
  throw invalid(`Expected \`${name}\` to be ${min}..${max}, received ${value}.`);
}

function wrongMultiple(name: string, side: number): EngineError {
  const below = side - (side % generateSideMultiple);
  return new EngineError(
    'invalid-option',
    `Expected \`${name}\` to be a multiple of ${generateSideMultiple}, received ${side}.`,
    { hint: `Use ${below} or ${below + generateSideMultiple} pixels.` },
  );
}

function invalid(message: string): EngineError {
  return new EngineError('invalid-option', message);
}
