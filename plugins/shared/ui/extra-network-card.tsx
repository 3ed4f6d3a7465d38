import type { JSX } from 'preact';
import { hypernetworkStrengthRange, loraStrengthRange } from '../../../bridge/protocol/limits.ts';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';
import {
  type ExtraNetworkField,
  type ExtraNetworkKind,
  isTagged,
  usualNetworkStrength,
} from '../store/extra-networks.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { joinedWords, saysWords } from '../store/prompt-words.ts';
import { Fold } from './fold.tsx';
import { useWidgets } from './widgets.ts';

/** For people. */
export const networkNames: Readonly<Record<ExtraNetworkKind, string>> = {
  lora: 'LoRA',
  hypernetwork: 'Hypernetwork',
};
const strengthRanges = { lora: loraStrengthRange, hypernetwork: hypernetworkStrengthRange } as const;

export interface ExtraNetworkCardProps {
  readonly kind: ExtraNetworkKind;
  readonly prompts: PromptStore;
  readonly network: ExtraNetworkField;
  /** What the server says of it. */
  readonly model: ModelCapability;
  readonly onChange: (network: ExtraNetworkField) => void;
  readonly onRemove: () => void;
}

/** One LoRA or hypernetwork: how strong, and the words that it was trained to hear. */
export function ExtraNetworkCard(props: ExtraNetworkCardProps): JSX.Element {
  const { kind, prompts, network, model, onChange, onRemove } = props;
  const { Button, IconButton, NumberField } = useWidgets();
  const { title = model.name, triggerWords = [] } = model;
  const { strength = usualNetworkStrength, textEncoderStrength } = network;
  const { prompt } = prompts.settings.value;
  const unsaid = triggerWords.filter((words) => !saysWords(prompt, words));
  const name = `${networkNames[kind]} ${title}`;
  const range = { ...strengthRanges[kind], step: 0.05 };
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-network-card" role="group" aria-label={name}>
      <div class="inlay-network">
        <NumberField
          label={title}
          value={strength}
          {...range}
          onChange={(value = usualNetworkStrength) => onChange({ ...network, strength: value })}
        />
        <IconButton icon="delete" label={`Remove ${name}`} onPress={onRemove} />
      </div>
      {isTagged(prompt, { kind, name: model.name }) && (
        <p class="inlay-muted inlay-small">
          The prompt names it too: both strengths count, one on the other.
        </p>
      )}
      {unsaid.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own
        <div class="inlay-suggestions" role="group" aria-label={`Words for ${title}`}>
          {unsaid.map((words) => (
            <Button key={words} onPress={() => prompts.change({ prompt: joinedWords(prompt, words) })}>
              {words}
            </Button>
          ))}
        </div>
      )}
      {kind === 'lora' && (
        <Fold label="Details">
          <NumberField
            label="Of the text encoder"
            value={textEncoderStrength}
            {...range}
            placeholder={String(strength)}
            onChange={(value) => {
              const { textEncoderStrength: _, ...others } = network;
              onChange(value === undefined ? others : { ...others, textEncoderStrength: value });
            }}
          />
        </Fold>
      )}
    </div>
  );
}
