/** A second checkpoint that draws the last of the steps, as the fields have it and requests carry it. */
import type { Capabilities, ModelCapability, RefinerField } from '../../../bridge/protocol/messages.ts';

/** Of the noise that the first checkpoint takes away, where nothing is said: the server's. */
export const usualRefinerRatio = 0.8;

/** Those that can go on with what a model has begun. */
export function refinersFor(
  { models }: Pick<Capabilities, 'models'>,
  { family }: Pick<ModelCapability, 'family'>,
): readonly ModelCapability[] {
  if (family !== 'sdxl') return [];
  return models.filter(
    (model) => model.kind === 'checkpoint' && model.family === 'sdxl-refiner' && model.problem === undefined,
  );
}

export function isRefiner(value: unknown): value is RefinerField {
  const { model, ratio } = (value ?? {}) as Partial<RefinerField>;
  return (
    typeof model === 'string' &&
    (ratio === undefined || (typeof ratio === 'number' && ratio > 0 && ratio < 1))
  );
}
