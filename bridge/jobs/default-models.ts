import type { ModelInfo, ModelKind } from '../../engine/api.ts';
import type { JobRequest, Operation } from '../protocol/messages.ts';
import { miniModelName } from '../protocol/mini-model.ts';

/** What an operation without a prompt needs; `undefined` where there is none without. */
const promptlessKinds: Record<Operation, ModelKind | undefined> = {
  fill: 'fill',
  remove: 'fill',
  expand: 'fill',
  upscale: 'upscaler',
  generate: undefined,
  vary: undefined,
};

/** What an operation uses when it is there: for upscaling the shipped network that is right for photographs, and fast. */
const preferredModels: Partial<Record<Operation, string>> = { upscale: 'realesr-general-x4v3' };

/** Which checkpoint does best what an operation wants of a prompt; operations without one take no prompt. */
const promptVariants: Partial<Record<Operation, ModelInfo['variant']>> = {
  fill: 'inpainting',
  expand: 'inpainting',
  generate: 'base',
  vary: 'base',
};

/** The kind of model that a request is for. */
export function modelKindOf(request: JobRequest): ModelKind {
  const hasPrompt = 'prompt' in request && request.prompt !== undefined;
  return hasPrompt ? 'checkpoint' : (promptlessKinds[request.operation] ?? 'checkpoint');
}

/** The model of a request that names none and has no prompt: the preferred one, else the first usable one of its kind. */
export function defaultModel(operation: Operation, models: readonly ModelInfo[]): ModelInfo | undefined {
  const kind = promptlessKinds[operation];
  if (kind === undefined) return promptModel(operation, models);
  const usable = models.filter((model) => model.kind === kind && model.problem === undefined);
  return usable.find(({ name }) => name === preferredModels[operation]) ?? usable[0];
}

/**
 * The model of a request that names none but has a prompt: a checkpoint made for it, else one that can do it too. The one
 * that comes with Inlay draws only when there is no other, whatever it was made for.
 */
export function promptModel(operation: Operation, models: readonly ModelInfo[]): ModelInfo | undefined {
  const wanted = promptVariants[operation];
  if (wanted === undefined) return undefined;
  const usable = models.filter(
    ({ kind, variant, problem }) => kind === 'checkpoint' && variant !== 'pix2pix' && problem === undefined,
  );
  const others = usable.filter(({ name }) => name !== miniModelName);
  return others.find(({ variant }) => variant === wanted) ?? others[0] ?? usable[0];
}
