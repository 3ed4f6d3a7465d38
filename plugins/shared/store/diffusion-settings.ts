/** What steers a model that draws from words, between the panel that shows it and the requests that carry it. */
import type {
  Capabilities,
  DiffusionFields,
  GenerateFields,
  JobRequest,
  ModelCapability,
  Operation,
  PaintFields,
  RepaintFields,
} from '../../../bridge/protocol/messages.ts';

/** What draws from words. */
export const promptOperations = ['fill', 'expand', 'generate', 'vary'] as const;
export type PromptOperation = (typeof promptOperations)[number];

/** What the user has set; what is left out is the model's own, or the server's default. */
export interface DiffusionSettings
  extends Omit<DiffusionFields, 'negativePrompt'>,
    Pick<PaintFields, 'context' | 'workingSize' | 'imageGuidanceScale'>,
    Pick<GenerateFields, 'highResolution' | 'highResolutionStrength'> {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model?: string;
  /** Above 0, to 1: how much of what is selected goes. */
  readonly fillStrength?: number;
  /** Above 0, to 1: how much of a picture goes that is varied. */
  readonly varyStrength?: number;
}

export const noSettings: DiffusionSettings = { prompt: '', negativePrompt: '' };

/** The models that an operation can draw with; those that follow instructions (pix2pix) need a picture to be there. */
export function drawingModels(
  { models }: Pick<Capabilities, 'models'>,
  operation: Operation,
): readonly ModelCapability[] {
  const hasPicture = operation === 'fill' || operation === 'vary';
  return models.filter(
    ({ kind, variant, problem }) =>
      kind === 'checkpoint' && (variant !== 'pix2pix' || hasPicture) && problem === undefined,
  );
}

/** The model that an operation would draw with: the chosen one if it is (still) there, else the server's. */
export function drawingModel(
  capabilities: Pick<Capabilities, 'models' | 'operations'>,
  operation: Operation,
  settings: Pick<DiffusionSettings, 'model'> = {},
): ModelCapability | undefined {
  const models = drawingModels(capabilities, operation);
  const named = (name: string | undefined) => models.find((model) => model.name === name);
  const offered = capabilities.operations.find((candidate) => candidate.operation === operation);
  return offered?.promptModel === undefined
    ? undefined
    : (named(settings.model) ?? named(offered.promptModel));
}

/** Whether a server knows a scheduler: one of its list, or one with a spacing behind it. */
export function isSchedulerOf(schedulers: readonly string[], scheduler: string): boolean {
  return schedulers.some((name) => scheduler === name || scheduler.startsWith(`${name}-`));
}

/** What every request from words carries. */
type WordFields = DiffusionFields & { readonly prompt: string; readonly model?: string };

const sharedFields = [
  'model',
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
  'style',
  'controls',
  'loras',
  'hypernetworks',
  'refiner',
] as const satisfies readonly (keyof DiffusionSettings & keyof WordFields)[];

/** The settings as every request from words has them; empty ones are left to the server. */
function diffusionFields(settings: DiffusionSettings): WordFields {
  const negativePrompt = settings.negativePrompt.trim();
  return {
    prompt: settings.prompt.trim(),
    ...(negativePrompt !== '' && { negativePrompt }),
    ...picked(settings, sharedFields),
  };
}

/** As a request has them for a new picture. */
export function generateFields(settings: DiffusionSettings): WordFields & GenerateFields {
  return {
    ...diffusionFields(settings),
    ...picked(settings, ['highResolution', 'highResolutionStrength']),
  };
}

/** As a request has them that varies a picture. */
export function varyFields(settings: DiffusionSettings): WordFields & RepaintFields {
  const { varyStrength: strength } = settings;
  return {
    ...diffusionFields(settings),
    ...(strength !== undefined && { strength }),
    ...picked(settings, ['workingSize', 'imageGuidanceScale']),
  };
}

/** As a request has them that continues a picture: the model is shown all of it, whatever the context. */
export function expandFields(settings: DiffusionSettings): WordFields & PaintFields {
  return { ...diffusionFields(settings), ...picked(settings, ['workingSize']) };
}

/** As a request has them that fills a selection. */
export function fillFields(settings: DiffusionSettings): WordFields & PaintFields {
  const { fillStrength: strength } = settings;
  return {
    ...expandFields(settings),
    ...(strength !== undefined && { strength }),
    ...picked(settings, ['context', 'imageGuidanceScale']),
  };
}

/** The settings that a request was made with, to use them again; nothing for one without words. */
export function settingsOf(request: JobRequest): DiffusionSettings | undefined {
  const words = wordsOf(request);
  if (words === undefined) return undefined;
  const { operation, prompt, negativePrompt = '' } = words;
  const { strength, ...own }: PaintFields = operation === 'generate' ? {} : words;
  const ofNew: GenerateFields = operation === 'generate' ? words : {};
  return {
    prompt,
    negativePrompt,
    ...picked(words, sharedFields),
    ...picked(own, ['context', 'workingSize', 'imageGuidanceScale']),
    ...picked(ofNew, ['highResolution', 'highResolutionStrength']),
    ...(operation === 'fill' && strength !== undefined && { fillStrength: strength }),
    ...(operation === 'vary' && strength !== undefined && { varyStrength: strength }),
  };
}

/** A request that draws from words. */
export type DrawingRequest = Extract<JobRequest, { readonly operation: PromptOperation }> & WordFields;

/** The request, if it draws from words. */
export function wordsOf(request: JobRequest): DrawingRequest | undefined {
  const isDrawing = 'prompt' in request && request.prompt !== undefined && request.prompt !== '';
  return isDrawing ? (request as DrawingRequest) : undefined;
}

/** Of these fields those that are there. */
function picked<Fields extends object, Name extends keyof Fields>(
  fields: Fields,
  names: readonly Name[],
): Pick<Fields, Name> {
  const present = names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]);
  return Object.fromEntries(present) as Pick<Fields, Name>;
}

/** Longer names of layers are cut. */
const maxTitleLength = 48;

/** A prompt as a name: its first line, cut at a word. */
export function titleOf(prompt: string): string {
  const line = prompt.trim().split('\n')[0]!.replace(/\s+/g, ' ').trim();
  if (line.length <= maxTitleLength) return line;
  const cut = line.slice(0, maxTitleLength);
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > maxTitleLength / 2 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`;
}
