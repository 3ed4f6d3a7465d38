/** What a request says to a diffusion model, made complete and held to the limits. */
import type { ModelFamily, ModelInfo } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import { solverNames } from '../../engine/schedulers/scheduler-name.ts';
import type { DiffusionDefaults } from '../protocol/diffusion-defaults.ts';
import type { Limits } from '../protocol/limits.ts';
import type {
  DiffusionFields,
  GenerateFields,
  Operation,
  PaintFields,
  RepaintFields,
} from '../protocol/messages.ts';
import type { Size } from './check-images.ts';
import { checkRange, checkSide } from './check-numbers.ts';
import { proposedDefaults } from './proposed-defaults.ts';
import { type ResolvedControl, resolveControls } from './resolve-controls.ts';
import { type ResolvedHypernetwork, resolveHypernetworks } from './resolve-hypernetworks.ts';
import { type ResolvedLora, resolveLoras } from './resolve-loras.ts';
import { type ResolvedRefiner, resolveRefiner } from './resolve-refiner.ts';
import { resolveSteps } from './resolve-steps.ts';

/** What a request that names none gets. */
const defaultScheduler = 'dpmpp-2m-karras';
export const diffusionDefaults: DiffusionDefaults = {
  numInferenceSteps: 20,
  guidanceScale: 7.5,
  guidanceRescale: 0,
  imageGuidanceScale: 1.5,
  highResolutionStrength: 0.5,
  // Of a variation the composition stays, and its things change. A pix2pix model is shown the picture itself: nothing of it
  // has to be left to start from.
  strength: { fill: 1, expand: 1, vary: 0.6, pix2pix: 1 },
};
/** Sides of a picture where the model's file does not say what size it likes. */
const usualSides: Readonly<Record<ModelFamily, number>> = {
  sd1: 512,
  sd2: 768,
  sdxl: 1024,
  'sdxl-refiner': 1024,
};

/** Schedulers by their own names, the default first. */
export const schedulers: readonly string[] = [defaultScheduler, ...solverNames];

/**
 * Without an autoencoder or a prediction type of its own a request takes the model's, without timesteps the scheduler's; an
 * upscaler there need not be.
 */
type ModelsOwn = 'vae' | 'upscaler' | 'timesteps' | 'predictionType';
/** Where there are none they are left out. */
interface Adapters {
  readonly controls?: readonly ResolvedControl[];
  readonly loras?: readonly ResolvedLora[];
  readonly hypernetworks?: readonly ResolvedHypernetwork[];
  readonly refiner?: ResolvedRefiner;
}
export type ResolvedDiffusion = Required<Omit<DiffusionFields, ModelsOwn | keyof Adapters | 'style'>> &
  Pick<DiffusionFields, ModelsOwn> &
  Adapters & { readonly prompt: string };
export type ResolvedGenerate = ResolvedDiffusion &
  Required<Pick<GenerateFields, 'highResolution' | 'highResolutionStrength'>>;
export type ResolvedRepaint = ResolvedDiffusion &
  Required<Pick<RepaintFields, 'strength' | 'workingSize'>> &
  Pick<RepaintFields, 'imageGuidanceScale'>;

export interface DiffusionModels {
  readonly model: ModelInfo;
  readonly vae: ModelInfo | undefined;
  readonly upscaler: ModelInfo | undefined;
}

/** What a resolution needs besides the request. */
export type DiffusionOptions = DiffusionModels & {
  readonly operation: Operation;
  /** All that are installed. */
  readonly models: readonly ModelInfo[];
  readonly limits: Limits;
};

type DiffusionRequest = DiffusionFields & { readonly prompt: string };

/** Throws `invalid-option` for what is beyond a limit, and for an unknown scheduler. */
export function resolveDiffusion(request: DiffusionRequest, options: DiffusionOptions): ResolvedDiffusion {
  const { vae, upscaler, limits } = options;
  const proposed = proposedDefaults(request, options);
  const { numInferenceSteps } = diffusionDefaults;
  const usual = { scheduler: defaultScheduler, numInferenceSteps, ...proposed };
  const {
    prompt,
    negativePrompt = '',
    guidanceScale = proposed.guidanceScale ?? diffusionDefaults.guidanceScale,
    guidanceRescale = diffusionDefaults.guidanceRescale,
    rng = 'cpu',
    clipSkip = 1,
    predictionType,
    controls = [],
    loras = [],
    hypernetworks = [],
    refiner,
  } = request;
  checkPrompt('prompt', prompt, limits);
  checkPrompt('negativePrompt', negativePrompt, limits);
  checkRange('guidanceScale', guidanceScale, { min: 0, max: limits.maxGuidanceScale });
  checkRange('guidanceRescale', guidanceRescale, { min: 0, max: 1 });
  checkRange('clipSkip', clipSkip, { min: 1, max: limits.maxClipSkip });
  return {
    prompt,
    negativePrompt,
    ...(vae !== undefined && { vae: vae.name }),
    ...(upscaler !== undefined && { upscaler: upscaler.name }),
    ...resolveSteps(request, { usual, limits }),
    guidanceScale,
    guidanceRescale,
    rng,
    clipSkip,
    ...(predictionType !== undefined && { predictionType }),
    ...(controls.length > 0 && { controls: resolveControls(controls, options) }),
    ...(loras.length > 0 && { loras: resolveLoras(loras, options) }),
    ...(hypernetworks.length > 0 && { hypernetworks: resolveHypernetworks(hypernetworks, options) }),
    ...(refiner !== undefined && { refiner: resolveRefiner(refiner, options) }),
  };
}

/** Of a picture from words alone. */
export function resolveGenerate(
  request: DiffusionRequest & GenerateFields,
  options: DiffusionOptions,
): ResolvedGenerate {
  const { highResolution = 'auto', highResolutionStrength = diffusionDefaults.highResolutionStrength } =
    request;
  checkStrength('highResolutionStrength', highResolutionStrength);
  return { ...resolveDiffusion(request, options), highResolution, highResolutionStrength };
}

/** Of a model's work on a picture that is there. */
export function resolveRepaint(
  request: DiffusionRequest & RepaintFields,
  options: DiffusionOptions & { readonly defaultStrength: number },
): ResolvedRepaint {
  const ofModel = options.model.variant === 'pix2pix' ? diffusionDefaults.strength.pix2pix : undefined;
  const defaultStrength = ofModel ?? options.defaultStrength;
  const { strength = defaultStrength, workingSize = 'auto' } = request;
  if (typeof workingSize !== 'string') {
    checkSide('workingSize.width', workingSize.width, options.limits);
    checkSide('workingSize.height', workingSize.height, options.limits);
  }
  const settings = resolveDiffusion(request, options);
  const { numInferenceSteps: steps } = settings;
  checkStrength('strength', strength);
  if (Math.floor(steps * strength) < 1) {
    throw new EngineError(
      'invalid-option',
      `Expected steps to run with a \`strength\` of ${strength}, received ${steps}, of which none is left.`,
      { hint: `Use ${Math.ceil(1 / strength)} steps at least, or a higher strength.` },
    );
  }
  return { ...settings, strength, workingSize, ...resolveImageGuidance(request, options) };
}

/** A pix2pix model's alone. */
function resolveImageGuidance(
  { imageGuidanceScale }: RepaintFields,
  { model, limits }: DiffusionOptions,
): Pick<RepaintFields, 'imageGuidanceScale'> {
  if (model.variant !== 'pix2pix') {
    if (imageGuidanceScale === undefined) return {};
    throw new EngineError(
      'invalid-option',
      `Expected a pix2pix checkpoint together with \`imageGuidanceScale\`, received "${model.name}", which is not shown the picture.`,
      { hint: 'Leave the option out: how much of the picture stays is said with the strength.' },
    );
  }
  const scale = imageGuidanceScale ?? diffusionDefaults.imageGuidanceScale;
  checkRange('imageGuidanceScale', scale, { min: 0, max: limits.maxGuidanceScale });
  return { imageGuidanceScale: scale };
}

/** What a checkpoint was trained at, as its file says or as its family was. */
export function resolutionOf({ resolution, family = 'sd1' }: ModelInfo): Size {
  const side = usualSides[family];
  return resolution ?? { width: side, height: side };
}

const promptOnly = [
  'negativePrompt',
  'vae',
  'upscaler',
  'scheduler',
  'numInferenceSteps',
  'timesteps',
  'guidanceScale',
  'guidanceRescale',
  'rng',
  'clipSkip',
  'predictionType',
  'controls',
  'loras',
  'hypernetworks',
  'refiner',
  'style',
  'strength',
  'workingSize',
  'imageGuidanceScale',
  'context',
] as const satisfies readonly (keyof PaintFields)[];

/** Throws `invalid-option` where a request that has no prompt says what only a prompt's model would hear. */
export function checkPromptless(request: PaintFields): void {
  const given = promptOnly.find((name) => request[name] !== undefined);
  if (given === undefined) return;
  throw new EngineError(
    'invalid-option',
    `Expected a \`prompt\` together with \`${given}\`, received none.`,
    {
      hint: 'Say with a prompt what is to be painted, or leave the option out.',
    },
  );
}

function checkStrength(name: string, strength: number): void {
  if (strength > 0 && strength <= 1) return;
  throw invalid(`Expected \`${name}\` to be above 0 and at most 1, received ${strength}.`);
}

function checkPrompt(name: string, text: string, { maxPromptLength }: Limits): void {
  if (text.length <= maxPromptLength) return;
  throw invalid(`Expected \`${name}\` of ${maxPromptLength} characters at most, received ${text.length}.`);
}

function invalid(message: string): EngineError {
  return new EngineError('invalid-option', message);
}
