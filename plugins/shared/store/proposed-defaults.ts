import { type DrawingDefaults, joinedDefaults } from '../../../bridge/protocol/drawing-defaults.ts';
import type { Capabilities, ModelCapability } from '../../../bridge/protocol/messages.ts';
import type { DiffusionSettings } from './diffusion-settings.ts';

/**
 * What the server takes where nothing is said, as the fields show it: the first chosen LoRA that asks for few steps says it
 * before the checkpoint does.
 */
export function proposedDefaults(
  { loras = [] }: Pick<DiffusionSettings, 'loras'>,
  { model, models }: { readonly model: ModelCapability } & Pick<Capabilities, 'models'>,
): DrawingDefaults {
  const own = loras
    .map((lora) => models.find(({ kind, name }) => kind === 'lora' && name === lora.model)?.defaults)
    .find((defaults) => defaults !== undefined);
  return joinedDefaults(model.defaults, own);
}
