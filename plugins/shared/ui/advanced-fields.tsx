import type { JSX } from 'preact';
import type { workingSizes } from '../../../bridge/protocol/messages.ts';
import { Choice } from './choice.tsx';
import type { DiffusionFieldsProps } from './diffusion-fields-props.ts';
import { useWidgets } from './widgets.ts';

const sizeNames: Readonly<Record<(typeof workingSizes)[number], string>> = {
  auto: 'the size the model likes',
  native: 'its own size',
};

const predictionNames = { epsilon: 'noise', v_prediction: 'velocity (v)', sample: 'the picture' } as const;

/** What those set who know the model, or have a picture to make again. Each says what happens where it is left alone. */
export function AdvancedFields({
  prompts,
  operation,
  model,
  capabilities,
}: DiffusionFieldsProps): JSX.Element {
  const { schedulers, models, defaults, limits } = capabilities;
  const { NumberField, Select } = useWidgets();
  const { scheduler, guidanceRescale, workingSize, vae, clipSkip, predictionType, rng } =
    prompts.settings.value;
  const [usualScheduler = ''] = schedulers;
  const vaes = models.filter(({ kind, problem }) => kind === 'vae' && problem === undefined);
  return (
    <div class="inlay-fields">
      <Select
        label="Scheduler"
        value={scheduler ?? usualScheduler}
        options={schedulers.map((name) => ({ value: name, label: name }))}
        onChange={(name) => prompts.change({ scheduler: name === usualScheduler ? undefined : name })}
      />
      {operation !== 'generate' && (
        <Choice
          label="Drawn at"
          value={typeof workingSize === 'string' ? workingSize : undefined}
          names={sizeNames}
          usual="auto"
          onChange={(size) => prompts.change({ workingSize: size })}
        />
      )}
      {vaes.length > 0 && (
        <Select
          label="VAE"
          value={vae ?? ''}
          options={[
            { value: '', label: 'the model’s own' },
            ...vaes.map(({ name, title }) => ({ value: name, label: title ?? name })),
          ]}
          onChange={(name) => prompts.change({ vae: name === '' ? undefined : name })}
        />
      )}
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
