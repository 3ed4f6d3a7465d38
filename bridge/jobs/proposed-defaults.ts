/** What suits the models that a request names, where it does not say itself. */
import type { DrawingDefaults, ModelInfo } from '../../engine/api.ts';
import { loraTagNames } from '../../engine/text/extra-networks.ts';
import { joinedDefaults } from '../protocol/drawing-defaults.ts';
import type { DiffusionFields } from '../protocol/messages.ts';

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
  const named = [...loras.map((lora) => lora.model), ...loraTagNames(prompt)];
  const own = named
    .map((name) => models.find((each) => each.kind === 'lora' && each.name === name)?.defaults)
    .find((defaults) => defaults !== undefined);
  return joinedDefaults(model.defaults, own);
}
