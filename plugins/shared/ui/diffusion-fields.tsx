import type { JSX } from 'preact';
import type { Limits, ModelCapability } from '../../../bridge/protocol/messages.ts';
import { usualGuidanceScale, usualInferenceSteps, usualVaryStrength } from '../store/diffusion-settings.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { useWidgets } from './widgets.ts';

export interface DiffusionFieldsProps {
  readonly prompts: PromptStore;
  /** Those that can be chosen from. */
  readonly models: readonly ModelCapability[];
  /** The one that would draw now. */
  readonly model: ModelCapability;
  /** Names that the server takes, its usual one first. */
  readonly schedulers: readonly string[];
  /** Whether the picture that is there can be varied, more or less. */
  readonly hasStrength?: boolean;
  readonly limits: Pick<Limits, 'maxInferenceSteps' | 'maxGuidanceScale' | 'maxPromptLength'>;
}

/** What steers a model besides the prompt. Empty fields are the usual values, which they show. */
export function DiffusionFields(props: DiffusionFieldsProps): JSX.Element {
  const { prompts, models, model, schedulers, hasStrength, limits } = props;
  const { NumberField, Select, Slider, TextArea } = useWidgets();
  const { negativePrompt, scheduler, numInferenceSteps, guidanceScale } = prompts.settings.value;
  const { strength = usualVaryStrength } = prompts.settings.value;
  const [usualScheduler = ''] = schedulers;
  return (
    <div class="inlay-fields">
      <TextArea
        label="Without"
        value={negativePrompt}
        placeholder="what is not to be seen"
        maxLength={limits.maxPromptLength}
        onInput={(text) => prompts.change({ negativePrompt: text })}
      />
      {models.length > 1 && (
        <Select
          label="Model"
          value={model.name}
          options={models.map(({ name, title }) => ({ value: name, label: title ?? name }))}
          onChange={(name) => prompts.change({ model: name })}
        />
      )}
      <NumberField
        label="Steps"
        value={numInferenceSteps}
        min={1}
        max={limits.maxInferenceSteps}
        placeholder={String(usualInferenceSteps)}
        onChange={(value) => prompts.change({ numInferenceSteps: value })}
      />
      <NumberField
        label="Guidance"
        value={guidanceScale}
        min={0}
        max={limits.maxGuidanceScale}
        step={0.5}
        placeholder={String(usualGuidanceScale)}
        onChange={(value) => prompts.change({ guidanceScale: value })}
      />
      <Select
        label="Scheduler"
        value={scheduler ?? usualScheduler}
        options={schedulers.map((name) => ({ value: name, label: name }))}
        onChange={(name) => prompts.change({ scheduler: name === usualScheduler ? undefined : name })}
      />
      {hasStrength && (
        <Slider
          label="Change"
          value={Math.round(strength * 100)}
          min={5}
          max={100}
          step={5}
          valueText={`${Math.round(strength * 100)} %`}
          onInput={(percent) => prompts.change({ strength: percent / 100 })}
        />
      )}
    </div>
  );
}
