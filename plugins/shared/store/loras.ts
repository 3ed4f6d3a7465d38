/** Low-rank changes of a model (LoRA), as the fields have them and requests carry them. */
import type { Capabilities, LoraField, ModelCapability } from '../../../bridge/protocol/messages.ts';

export const usualLoraStrength = 1;

/** Those that can be used with a model. */
export function lorasFor(
  { models }: Pick<Capabilities, 'models'>,
  { family }: Pick<ModelCapability, 'family'>,
): readonly ModelCapability[] {
  return models.filter(
    (model) => model.kind === 'lora' && model.problem === undefined && model.family === family,
  );
}

export function isLora(value: unknown): value is LoraField {
  const { model, strength, textEncoderStrength } = (value ?? {}) as Partial<LoraField>;
  return (
    typeof model === 'string' &&
    [strength, textEncoderStrength].every((one) => one === undefined || Number.isFinite(one))
  );
}
