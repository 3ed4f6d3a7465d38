import type { ModelCapability } from './messages.ts';

export type DrawingDefaults = NonNullable<ModelCapability['defaults']>;

/** What suits a checkpoint together with a LoRA, which goes first. Timesteps are for their own steps alone. */
export function joinedDefaults(
  { timesteps, ...ofModel }: DrawingDefaults = {},
  ofLora: DrawingDefaults = {},
): DrawingDefaults {
  const hasOwnSteps = ofLora.scheduler !== undefined || ofLora.numInferenceSteps !== undefined;
  return { ...ofModel, ...(timesteps !== undefined && !hasOwnSteps && { timesteps }), ...ofLora };
}
