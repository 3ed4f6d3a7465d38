/** The low-rank changes of a request, made complete and held to the limits. */
import type { LoraSettings, ModelInfo } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import { type Limits, loraStrengthRange } from '../protocol/limits.ts';
import type { LoraField } from '../protocol/messages.ts';
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
  if (loras.length > limits.maxLoras) {
    throw new EngineError(
      'invalid-option',
      `Expected ${limits.maxLoras} LoRAs at most, received ${loras.length}.`,
    );
  }
  return loras.map((lora) => {
    const { strength = 1, textEncoderStrength } = lora;
    checkFamily('the LoRA', namedModel(lora.model, models, { kind: 'lora' }), model);
    checkStrength(lora.model, 'strength', strength);
    if (textEncoderStrength !== undefined)
      checkStrength(lora.model, 'textEncoderStrength', textEncoderStrength);
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

function checkStrength(model: string, name: string, value: number): void {
  const { min, max } = loraStrengthRange;
  if (value >= min && value <= max) return;
  throw new EngineError(
    'invalid-option',
    `Expected \`${name}\` of the LoRA "${model}" to be ${min}..${max}, received ${value}.`,
  );
}
