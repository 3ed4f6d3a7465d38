import type { JSX } from 'preact';
import { maxHypernetworks } from '../../../bridge/protocol/limits.ts';
import type { Capabilities, ModelCapability } from '../../../bridge/protocol/messages.ts';
import {
  type ExtraNetworkField,
  type ExtraNetworkKind,
  extraNetworksFor,
  usualNetworkStrength,
} from '../store/extra-networks.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { ExtraNetworkCard, networkNames } from './extra-network-card.tsx';
import { useWidgets } from './widgets.ts';

export interface ExtraNetworkFieldsProps {
  readonly prompts: PromptStore;
  readonly model: ModelCapability;
  readonly capabilities: Pick<Capabilities, 'models' | 'limits'>;
}

/** Low-rank changes of the model, each with its strength; nothing where none suits the model. */
export function LoraFields(props: ExtraNetworkFieldsProps): JSX.Element | null {
  const { prompts, capabilities } = props;
  const { loras = [] } = prompts.settings.value;
  return (
    <ExtraNetworkFields
      {...props}
      kind="lora"
      networks={loras}
      maxNetworks={capabilities.limits.maxLoras}
      onChange={(next) => prompts.change({ loras: next })}
    />
  );
}

/** Networks in front of the model's attentions, as LoRAs. */
export function HypernetworkFields(props: ExtraNetworkFieldsProps): JSX.Element | null {
  const { prompts } = props;
  const { hypernetworks = [] } = prompts.settings.value;
  return (
    <ExtraNetworkFields
      {...props}
      kind="hypernetwork"
      networks={hypernetworks}
      maxNetworks={maxHypernetworks}
      onChange={(next) => prompts.change({ hypernetworks: next })}
    />
  );
}

interface KindProps extends ExtraNetworkFieldsProps {
  readonly kind: ExtraNetworkKind;
  /** Also those that do not suit the model: they are there again with another. */
  readonly networks: readonly ExtraNetworkField[];
  readonly maxNetworks: number;
  /** Nothing for none. */
  readonly onChange: (networks: readonly ExtraNetworkField[] | undefined) => void;
}

function ExtraNetworkFields(props: KindProps): JSX.Element | null {
  const { prompts, model, capabilities, kind, networks, maxNetworks, onChange } = props;
  const { Select } = useWidgets();
  const offered = extraNetworksFor(kind, { model, models: capabilities.models });
  const change = (next: readonly ExtraNetworkField[]) => onChange(next.length === 0 ? undefined : next);
  const used = networks.filter((network) => offered.some(({ name }) => name === network.model));
  const isFull = used.length >= maxNetworks;
  const left = isFull ? [] : offered.filter(({ name }) => !used.some((network) => network.model === name));
  if (offered.length === 0) return null;
  return (
    <div class="inlay-fields">
      {used.map((network) => (
        <ExtraNetworkCard
          key={network.model}
          kind={kind}
          prompts={prompts}
          network={network}
          model={offered.find(({ name }) => name === network.model)!}
          onChange={(changed) => change(networks.map((other) => (other === network ? changed : other)))}
          onRemove={() => change(networks.filter((other) => other !== network))}
        />
      ))}
      <Select
        label={networkNames[kind]}
        value=""
        options={[
          { value: '', label: used.length === 0 ? 'none' : left.length === 0 ? 'no more' : 'add another' },
          ...left.map(({ name, title }) => ({ value: name, label: title ?? name })),
        ]}
        onChange={(name) => {
          if (name !== '') change([...networks, { model: name, strength: usualNetworkStrength }]);
        }}
      />
    </div>
  );
}
