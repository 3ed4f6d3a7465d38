import type { ModelInfo } from '../../engine/api.ts';
import type { Operation } from '../protocol/messages.ts';

export const modelKinds: Record<Operation, ModelInfo['kind']> = {
  fill: 'fill',
  remove: 'fill',
  expand: 'fill',
  upscale: 'upscaler',
};

/** What an operation uses when it is there: for upscaling the shipped network that is right for photographs, and fast. */
const preferredModels: Partial<Record<Operation, string>> = { upscale: 'realesr-general-x4v3' };

/** The model of a request that names none: the preferred one, else the first usable one of the right kind. */
export function defaultModel(operation: Operation, models: readonly ModelInfo[]): ModelInfo | undefined {
  const usable = models.filter(
    ({ kind, problem }) => kind === modelKinds[operation] && problem === undefined,
  );
  return usable.find(({ name }) => name === preferredModels[operation]) ?? usable[0];
}
