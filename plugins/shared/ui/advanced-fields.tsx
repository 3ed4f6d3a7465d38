import type { JSX } from 'preact';
import { isSchedulerOf } from '../store/diffusion-settings.ts';
import { proposedDefaults } from '../store/proposed-defaults.ts';
import { Choice } from './choice.tsx';
import type { DiffusionFieldsProps } from './diffusion-fields-props.ts';
import { ModelSelect } from './model-select.tsx';
import { TimestepsField } from './timesteps-field.tsx';
import { TwoPassFields } from './two-pass-fields.tsx';
import { useWidgets } from './widgets.ts';
import { WorkingSizeField } from './working-size-field.tsx';

const predictionNames = { epsilon: 'noise', v_prediction: 'velocity (v)', sample: 'the picture' } as const;

/** What those set who know the model, or have a picture to make again. Each says what happens where it is left alone. */
export function AdvancedFields(props: DiffusionFieldsProps): JSX.Element {
  const { prompts, operation, model, capabilities } = props;
  const { schedulers, models, defaults, limits } = capabilities;
  const { NumberField, Select } = useWidgets();
  const { scheduler, timesteps, upscaler, guidanceRescale, vae, clipSkip, predictionType, rng } =
    prompts.settings.value;
  const [firstScheduler = ''] = schedulers;
  const proposed = proposedDefaults(prompts.settings.value, { model, models });
  const usualScheduler = proposed.scheduler ?? firstScheduler;
  // A model may propose one with a spacing behind it, which the list has not.
  const offered = [...new Set([usualScheduler, ...schedulers])];
  const isKnown = scheduler !== undefined && isSchedulerOf(schedulers, scheduler);
  if (isKnown && !offered.includes(scheduler)) offered.unshift(scheduler);
  return (
    <div class="inlay-fields">
      <Select
        label="Scheduler"
        value={isKnown ? scheduler : usualScheduler}
        options={offered.map((name) => ({ value: name, label: name }))}
        onChange={(name) => prompts.change({ scheduler: name === usualScheduler ? undefined : name })}
      />
      <TimestepsField
        value={timesteps}
        proposed={proposed.timesteps}
        onChange={(list) => prompts.change({ timesteps: list })}
      />
      {operation === 'generate' ? <TwoPassFields {...props} /> : <WorkingSizeField {...props} />}
      <ModelSelect
        label="Enlarged by"
        kind="upscaler"
        models={models}
        value={upscaler}
        unset="what suits best"
        onChange={(name) => prompts.change({ upscaler: name })}
      />
      <ModelSelect
        label="VAE"
        kind="vae"
        models={models}
        value={vae}
        unset="the model’s own"
        onChange={(name) => prompts.change({ vae: name })}
      />
      <NumberField
        label="Rescale"
        value={guidanceRescale}
        min={0}
        max={1}
        step={0.05}
        placeholder={String(defaults.guidanceRescale)}
        onChange={(value) => prompts.change({ guidanceRescale: value })}
      />
      <NumberField
        label="Clip skip"
        value={clipSkip}
        min={1}
        max={limits.maxClipSkip}
        placeholder="1"
        onChange={(value) => prompts.change({ clipSkip: value })}
      />
      {model.predictionType === undefined && (
        <Choice
          label="Predicts"
          value={predictionType}
          names={predictionNames}
          unset="what is usual for it"
          onChange={(type) => prompts.change({ predictionType: type })}
        />
      )}
      <Choice
        label="Seeds of"
        value={rng}
        names={{ cpu: 'a CPU', philox: 'CUDA' }}
        usual="cpu"
        onChange={(generator) => prompts.change({ rng: generator })}
      />
    </div>
  );
}
