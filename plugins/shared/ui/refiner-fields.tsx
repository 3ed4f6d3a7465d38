import type { JSX } from 'preact';
import type { Capabilities, ModelCapability } from '../../../bridge/protocol/messages.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { refinersFor, usualRefinerRatio } from '../store/refiners.ts';
import { useWidgets } from './widgets.ts';

export interface RefinerFieldsProps {
  readonly prompts: PromptStore;
  readonly model: ModelCapability;
  readonly capabilities: Pick<Capabilities, 'models'>;
}

/** Which checkpoint draws the last of the steps, and from where on; nothing where none is installed for the model. */
export function RefinerFields({ prompts, model, capabilities }: RefinerFieldsProps): JSX.Element | null {
  const { Select, Slider } = useWidgets();
  const offered = refinersFor(capabilities, model);
  const { refiner } = prompts.settings.value;
  const chosen = offered.find(({ name }) => name === refiner?.model);
  if (offered.length === 0) return null;
  const percent = Math.round((refiner?.ratio ?? usualRefinerRatio) * 100);
  return (
    <>
      <Select
        label="Refiner"
        value={chosen?.name ?? ''}
        options={[
          { value: '', label: 'none' },
          ...offered.map(({ name, title }) => ({ value: name, label: title ?? name })),
        ]}
        onChange={(name) => prompts.change({ refiner: name === '' ? undefined : { model: name } })}
      />
      {chosen !== undefined && (
        <Slider
          label="Refine at"
          value={percent}
          min={5}
          max={95}
          step={5}
          valueText={`${percent} %`}
          onInput={(value) => prompts.change({ refiner: { model: chosen.name, ratio: value / 100 } })}
        />
      )}
    </>
  );
}
