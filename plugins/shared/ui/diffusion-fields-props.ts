import type { Capabilities, ModelCapability } from '../../../bridge/protocol/messages.ts';
import type { PromptOperation } from '../store/diffusion-settings.ts';
import type { PromptStore } from '../store/prompt-store.ts';

/** Of all fields that steer a model. */
export interface DiffusionFieldsProps {
  readonly prompts: PromptStore;
  /** What would be run with them: not every setting is for every operation. */
  readonly operation: PromptOperation;
  /** The one that would draw now. */
  readonly model: ModelCapability;
  readonly capabilities: Pick<Capabilities, 'models' | 'schedulers' | 'defaults' | 'limits'>;
}
