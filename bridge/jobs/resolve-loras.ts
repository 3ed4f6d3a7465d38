/** The low-rank changes of a request, made complete and held to the limits. */
import type { LoraSettings, ModelInfo } from '../../engine/api.ts';
import { type Limits, loraStrengthRange } from '../protocol/limits.ts';
import type { LoraField } from '../protocol/messages.ts';
import { checkCount, checkRange } from './check-numbers.ts';
import { checkFamily, namedModel } from './named-model.ts';

export type ResolvedLora = LoraField & { readonly strength: number };

export interface LoraOptions {
  readonly models: readonly ModelInfo[];
  /** The checkpoint that they change. */
  readonly model: ModelInfo;
  readonly limits: Limits;
}

/** Throws `invalid-option` for what is beyond a limit or of another family, and what `namedModel` throws. */
export function resolveLoras(
  loras: readonly LoraField[],
  { models, model, limits }: LoraOptions,
): readonly ResolvedLora[] {
  checkCount('LoRAs', loras.length, limits.maxLoras);
  return loras.map((lora) => {
    const { strength = 1, textEncoderStrength = strength } = lora;
    const range = { ...loraStrengthRange, of: `the LoRA "${lora.model}"` };
    checkFamily('the LoRA', namedModel(lora.model, models, { kind: 'lora' }), model);
    checkRange('strength', strength, range);
    checkRange('textEncoderStrength', textEncoderStrength, range);
    return { ...lora, strength };
  });
}

export function loraSettings({ model, strength, textEncoderStrength }: ResolvedLora): LoraSettings {
  return {
    model: { name: model },
    strength,
    ...(textEncoderStrength !== undefined && { textEncoderStrength }),
  };
}
