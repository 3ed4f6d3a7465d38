import type { ModelInfo, ModelKind } from '../../engine/api.ts';
import type { Operation } from '../protocol/messages.ts';

export const modelKinds: Record<Operation, ModelKind> = {
  fill: 'fill',
  remove: 'fill',
  expand: 'fill',
  upscale: 'upscaler',
  generate: 'checkpoint',
};

/** What an operation uses when it is there: for upscaling the shipped network that is right for photographs, and fast. */
const preferredModels: Partial<Record<Operation, string>> = { upscale: 'realesr-general-x4v3' };

/** An inpainting checkpoint draws from nothing too, but less well. */
const preferredVariants: Partial<Record<Operation, ModelInfo['variant']>> = { generate: 'base' };

/** The model of a request that names none: the preferred one, else the first usable one of the right kind. */
export function defaultModel(operation: Operation, models: readonly ModelInfo[]): ModelInfo | undefined {
  const usable = models.filter(
    ({ kind, variant, problem }) =>
      kind === modelKinds[operation] && variant !== 'pix2pix' && problem === undefined,
  );
  return (
    usable.find(({ name }) => name === preferredModels[operation]) ??
    usable.find(({ variant }) => variant === preferredVariants[operation]) ??
    usable[0]
  );
}
