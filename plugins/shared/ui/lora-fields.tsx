import type { JSX } from 'preact';
import { loraStrengthRange } from '../../../bridge/protocol/limits.ts';
import type { Capabilities, LoraField, ModelCapability } from '../../../bridge/protocol/messages.ts';
import { lorasFor, usualLoraStrength } from '../store/loras.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { useWidgets } from './widgets.ts';

export interface LoraFieldsProps {
  readonly prompts: PromptStore;
  readonly model: ModelCapability;
  readonly capabilities: Pick<Capabilities, 'models'>;
}

/** Low-rank changes of the model, each with its strength; nothing where none suits the model. */
export function LoraFields({ prompts, model, capabilities }: LoraFieldsProps): JSX.Element | null {
  const { IconButton, NumberField, Select } = useWidgets();
  const offered = lorasFor(capabilities, model);
  const { loras = [] } = prompts.settings.value;
  const change = (next: readonly LoraField[]) =>
    prompts.change({ loras: next.length === 0 ? undefined : next });
  const titleOf = (name: string) => offered.find((lora) => lora.name === name)?.title ?? name;
  const used = loras.filter((lora) => offered.some(({ name }) => name === lora.model));
  const left = offered.filter(({ name }) => !used.some((lora) => lora.model === name));
  if (offered.length === 0) return null;
  return (
    <div class="inlay-fields">
      {used.map((lora) => (
        <div key={lora.model} class="inlay-lora">
          <NumberField
            label={titleOf(lora.model)}
            value={lora.strength ?? usualLoraStrength}
            {...loraStrengthRange}
            step={0.05}
            onChange={(strength = usualLoraStrength) =>
              change(loras.map((other) => (other.model === lora.model ? { ...other, strength } : other)))
            }
          />
          <IconButton
            icon="delete"
            label={`Remove LoRA ${titleOf(lora.model)}`}
            onPress={() => change(loras.filter((other) => other.model !== lora.model))}
          />
        </div>
      ))}
      {left.length > 0 && (
        <Select
          label="LoRA"
          value=""
          options={[
            { value: '', label: used.length === 0 ? 'none' : 'add another' },
            ...left.map(({ name }) => ({ value: name, label: titleOf(name) })),
          ]}
          onChange={(name) => {
            if (name !== '') change([...loras, { model: name, strength: usualLoraStrength }]);
          }}
        />
      )}
    </div>
  );
}
