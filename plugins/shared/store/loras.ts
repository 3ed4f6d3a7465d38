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

/** Whether a prompt asks for a LoRA by a tag, e.g. `<lora:name:0.8>`; a backslash before it makes that text. */
export function isTagged(prompt: string, name: string): boolean {
  const tags = prompt.matchAll(/(\\?)<(?:lora|lyco):([^<>:]*)[^<>]*>/gi);
  return [...tags].some(([, backslash, named = '']) => backslash === '' && named.trim() === name);
}

export function isLora(value: unknown): value is LoraField {
  const { model, strength, textEncoderStrength } = (value ?? {}) as Partial<LoraField>;
  return (
    typeof model === 'string' &&
    [strength, textEncoderStrength].every((one) => one === undefined || Number.isFinite(one))
  );
}
