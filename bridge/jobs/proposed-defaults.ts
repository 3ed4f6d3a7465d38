/** What suits the models that a request names, where it does not say itself. */
import type { DrawingDefaults, ModelInfo } from '../../engine/api.ts';
import type { DiffusionFields } from '../protocol/messages.ts';

/** A LoRA in a prompt, as A1111 has it: `<lora:name:0.8>`. */
const loraTag = /(?<!\\)<(?:lora|lyco):\s*([^:<>]+?)\s*(?::[^<>]*)?>/gi;

export interface ProposalOptions {
  readonly model: ModelInfo;
  /** All that are installed. */
  readonly models: readonly ModelInfo[];
}

/** Of the checkpoint; or of a LoRA that asks for few steps, the first that does, which the checkpoint then is made into. */
export function proposedDefaults(
  { prompt, loras = [] }: Pick<DiffusionFields, 'loras'> & { readonly prompt: string },
  { model, models }: ProposalOptions,
): DrawingDefaults {
  const named = [
    ...loras.map((lora) => lora.model),
    ...[...prompt.matchAll(loraTag)].map(([, name]) => name!),
  ];
  const own = named
    .map((name) => models.find((each) => each.kind === 'lora' && each.name === name)?.defaults)
    .find((defaults) => defaults !== undefined);
  return { ...model.defaults, ...own };
}
