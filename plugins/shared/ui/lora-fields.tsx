import type { JSX } from 'preact';
import type { Capabilities, LoraField, ModelCapability } from '../../../bridge/protocol/messages.ts';
import { lorasFor, usualLoraStrength } from '../store/loras.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { LoraCard } from './lora-card.tsx';
import { useWidgets } from './widgets.ts';

export interface LoraFieldsProps {
  readonly prompts: PromptStore;
  readonly model: ModelCapability;
  readonly capabilities: Pick<Capabilities, 'models'>;
}

/** Low-rank changes of the model, each with its strength; nothing where none suits the model. */
export function LoraFields({ prompts, model, capabilities }: LoraFieldsProps): JSX.Element | null {
  const { Select } = useWidgets();
  const offered = lorasFor(capabilities, model);
  const { loras = [] } = prompts.settings.value;
  const change = (next: readonly LoraField[]) =>
    prompts.change({ loras: next.length === 0 ? undefined : next });
  const used = loras.filter((lora) => offered.some(({ name }) => name === lora.model));
  const left = offered.filter(({ name }) => !used.some((lora) => lora.model === name));
  if (offered.length === 0) return null;
  return (
    <div class="inlay-fields">
      {used.map((lora) => (
        <LoraCard
          key={lora.model}
          prompts={prompts}
          lora={lora}
          model={offered.find(({ name }) => name === lora.model)!}
          onChange={(changed) => change(loras.map((other) => (other === lora ? changed : other)))}
          onRemove={() => change(loras.filter((other) => other !== lora))}
        />
      ))}
      {left.length > 0 && (
        <Select
          label="LoRA"
          value=""
          options={[
            { value: '', label: used.length === 0 ? 'none' : 'add another' },
            ...left.map(({ name, title }) => ({ value: name, label: title ?? name })),
          ]}
          onChange={(name) => {
            if (name !== '') change([...loras, { model: name, strength: usualLoraStrength }]);
          }}
        />
      )}
    </div>
  );
}
