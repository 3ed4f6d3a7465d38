import type { ModelInfo } from '../../engine/api.ts';
import type { Operation } from '../protocol/messages.ts';

export const modelKinds: Record<Operation, ModelInfo['kind']> = {
  fill: 'fill',
  expand: 'fill',
  upscale: 'upscaler',
};

/** The model of a request that names none: the first usable one of the right kind, in the engine's own order. */
export function defaultModel(operation: Operation, models: readonly ModelInfo[]): ModelInfo | undefined {
  return models.find(({ kind, problem }) => kind === modelKinds[operation] && problem === undefined);
}
