/** What steers a model that draws from words, between the panel that shows it and the requests that carry it. */
import type {
  Capabilities,
  GenerateRequest,
  JobRequest,
  ModelCapability,
  Operation,
} from '../../../bridge/protocol/messages.ts';

/** What the user has set; what is left out is the model's own, or usual. */
export interface DiffusionSettings {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model?: string;
  readonly scheduler?: string;
  readonly numInferenceSteps?: number;
  readonly guidanceScale?: number;
  /** Above 0, to 1: how much of a picture goes that is varied. */
  readonly strength?: number;
}

export const noSettings: DiffusionSettings = { prompt: '', negativePrompt: '' };

/** What the server takes where a request says nothing: shown in the empty fields. */
export const usualInferenceSteps = 20;
export const usualGuidanceScale = 7.5;
export const usualVaryStrength = 0.6;

/** The model that comes with Inlay: small enough to travel with it, and as limited. */
export const miniModelName = 'inlay-mini';

/** The models that draw from words and can be used; those that follow instructions (pix2pix) need a picture. */
export function drawingModels({ models }: Pick<Capabilities, 'models'>): readonly ModelCapability[] {
  return models.filter(
    ({ kind, variant, problem }) => kind === 'checkpoint' && variant !== 'pix2pix' && problem === undefined,
  );
}

/** The model that an operation would draw with: the chosen one if it is (still) there, else the server's. */
export function drawingModel(
  capabilities: Pick<Capabilities, 'models' | 'operations'>,
  operation: Operation,
  settings: Pick<DiffusionSettings, 'model'> = {},
): ModelCapability | undefined {
  const models = drawingModels(capabilities);
  const named = (name: string | undefined) => models.find((model) => model.name === name);
  const offered = capabilities.operations.find((candidate) => candidate.operation === operation);
  return offered?.promptModel === undefined
    ? undefined
    : (named(settings.model) ?? named(offered.promptModel));
}

type DiffusionFields = Pick<
  GenerateRequest,
  'prompt' | 'negativePrompt' | 'model' | 'scheduler' | 'numInferenceSteps' | 'guidanceScale'
>;

/** The settings as a request has them; empty ones are left to the server. */
export function diffusionFields(settings: DiffusionSettings): DiffusionFields {
  const { prompt, negativePrompt, model, scheduler, numInferenceSteps, guidanceScale } = settings;
  return {
    prompt: prompt.trim(),
    ...(negativePrompt.trim() !== '' && { negativePrompt: negativePrompt.trim() }),
    ...(model !== undefined && { model }),
    ...(scheduler !== undefined && { scheduler }),
    ...(numInferenceSteps !== undefined && { numInferenceSteps }),
    ...(guidanceScale !== undefined && { guidanceScale }),
  };
}

/** The settings that a request was made with, to use them again; nothing for one without words. */
export function settingsOf(request: JobRequest): DiffusionSettings | undefined {
  const words = wordsOf(request);
  if (words === undefined) return undefined;
  const { prompt, negativePrompt = '', model, scheduler, numInferenceSteps, guidanceScale } = words;
  const strength = words.operation === 'vary' ? words.strength : undefined;
  return {
    prompt,
    negativePrompt,
    ...(model !== undefined && { model }),
    ...(scheduler !== undefined && { scheduler }),
    ...(numInferenceSteps !== undefined && { numInferenceSteps }),
    ...(guidanceScale !== undefined && { guidanceScale }),
    ...(strength !== undefined && { strength }),
  };
}

/** A request that draws from words. */
export type DrawingRequest = Extract<JobRequest, { readonly prompt?: string }> & DiffusionFields;

/** The request, if it draws from words. */
export function wordsOf(request: JobRequest): DrawingRequest | undefined {
  const isDrawing = 'prompt' in request && request.prompt !== undefined && request.prompt !== '';
  return isDrawing ? (request as DrawingRequest) : undefined;
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
