import type { JSX } from 'preact';
import { loraStrengthRange } from '../../../bridge/protocol/limits.ts';
import type { LoraField, ModelCapability } from '../../../bridge/protocol/messages.ts';
import { isTagged, usualLoraStrength } from '../store/loras.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { joinedWords, saysWords } from '../store/prompt-words.ts';
import { Fold } from './fold.tsx';
import { useWidgets } from './widgets.ts';

export interface LoraCardProps {
  readonly prompts: PromptStore;
  readonly lora: LoraField;
  /** What the server says of it. */
  readonly model: ModelCapability;
  readonly onChange: (lora: LoraField) => void;
  readonly onRemove: () => void;
}

/** One LoRA: how strong, and the words that it was trained to hear. */
export function LoraCard({ prompts, lora, model, onChange, onRemove }: LoraCardProps): JSX.Element {
  const { Button, IconButton, NumberField } = useWidgets();
  const { title = model.name, triggerWords = [] } = model;
  const { strength = usualLoraStrength, textEncoderStrength } = lora;
  const { prompt } = prompts.settings.value;
  const unsaid = triggerWords.filter((words) => !saysWords(prompt, words));
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-lora-card" role="group" aria-label={`LoRA ${title}`}>
      <div class="inlay-lora">
        <NumberField
          label={title}
          value={strength}
          {...loraStrengthRange}
          step={0.05}
          onChange={(value = usualLoraStrength) => onChange({ ...lora, strength: value })}
        />
        <IconButton icon="delete" label={`Remove LoRA ${title}`} onPress={onRemove} />
      </div>
      {isTagged(prompt, model.name) && (
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
      <Fold label="Details">
        <NumberField
          label="Of the text encoder"
          value={textEncoderStrength}
          {...loraStrengthRange}
          step={0.05}
          placeholder={String(strength)}
          onChange={(value) => {
            const { textEncoderStrength: _, ...others } = lora;
            onChange(value === undefined ? others : { ...others, textEncoderStrength: value });
          }}
        />
      </Fold>
    </div>
  );
}
