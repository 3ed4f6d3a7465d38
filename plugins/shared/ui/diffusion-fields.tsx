import type { JSX } from 'preact';
import type { PaintFields } from '../../../bridge/protocol/messages.ts';
import { drawingModels } from '../store/diffusion-settings.ts';
import { proposedDefaults } from '../store/proposed-defaults.ts';
import { AdvancedFields } from './advanced-fields.tsx';
import { Choice } from './choice.tsx';
import type { DiffusionFieldsProps } from './diffusion-fields-props.ts';
import { HypernetworkFields, LoraFields } from './extra-network-fields.tsx';
import { Fold } from './fold.tsx';
import { PromptHelp } from './prompt-help.tsx';
import { PromptHints } from './prompt-hints.tsx';
import { RefinerFields } from './refiner-fields.tsx';
import { StrengthField } from './strength-field.tsx';
import { UnusableFiles } from './unusable-files.tsx';
import { useWidgets } from './widgets.ts';

const contextNames: Readonly<Record<NonNullable<PaintFields['context']>, string>> = {
  tight: 'close around it',
  auto: 'some of what is around',
  wide: 'much of what is around',
  whole: 'the whole picture',
};

export interface AllDiffusionFieldsProps extends DiffusionFieldsProps {
  /** The strength is to be set somewhere else. */
  readonly hasStrengthApart?: boolean;
}

/** What steers a model besides the prompt. Empty fields are the server's defaults, which they show. */
export function DiffusionFields({ hasStrengthApart, ...props }: AllDiffusionFieldsProps): JSX.Element {
  const { prompts, operation, model, capabilities } = props;
  const { defaults, limits } = capabilities;
  const { NumberField, Select, TextArea } = useWidgets();
  const { negativePrompt, context, numInferenceSteps, timesteps, guidanceScale, imageGuidanceScale } =
    prompts.settings.value;
  const models = drawingModels(capabilities, operation);
  const proposed = proposedDefaults(prompts.settings.value, { model, models: capabilities.models });
  return (
    <div class="inlay-fields">
      <PromptHints prompts={prompts} model={model} />
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
      <UnusableFiles models={capabilities.models} />
      <RefinerFields prompts={prompts} model={model} capabilities={capabilities} />
      <LoraFields prompts={prompts} model={model} capabilities={capabilities} />
      <HypernetworkFields prompts={prompts} model={model} capabilities={capabilities} />
      {operation === 'fill' && (
        <Choice
          label="Context"
          value={context}
          names={contextNames}
          usual="auto"
          onChange={(choice) => prompts.change({ context: choice })}
        />
      )}
      <NumberField
        label="Steps"
        value={numInferenceSteps}
        min={1}
        max={limits.maxInferenceSteps}
        placeholder={String(timesteps?.length ?? proposed.numInferenceSteps ?? defaults.numInferenceSteps)}
        onChange={(value) => prompts.change({ numInferenceSteps: value })}
      />
      <NumberField
        label="Guidance"
        value={guidanceScale}
        min={0}
        max={limits.maxGuidanceScale}
        step={0.5}
        placeholder={String(proposed.guidanceScale ?? defaults.guidanceScale)}
        onChange={(value) => prompts.change({ guidanceScale: value })}
      />
      {model.variant === 'pix2pix' && (
        <NumberField
          label="Likeness"
          value={imageGuidanceScale}
          min={0}
          max={limits.maxGuidanceScale}
          step={0.1}
          placeholder={String(defaults.imageGuidanceScale)}
          onChange={(value) => prompts.change({ imageGuidanceScale: value })}
        />
      )}
      {!hasStrengthApart && <StrengthField {...props} />}
      <PromptHelp />
      <Fold label="Advanced">
        <AdvancedFields {...props} />
      </Fold>
    </div>
  );
}
