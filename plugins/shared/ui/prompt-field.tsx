import type { JSX } from 'preact';
import { suggestedNames, withName } from '../store/embedding-names.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { useWidgets } from './widgets.ts';

export interface PromptFieldProps {
  readonly prompts: PromptStore;
  readonly placeholder: string;
  /** Of the textual inversions that the model would understand. */
  readonly embeddingNames?: readonly string[];
  /** Characters. */
  readonly maxLength?: number;
  readonly isDisabled?: boolean;
  /** Enter. */
  readonly onRun: () => void;
}

/** What is wanted, in words. The arrow keys bring back the prompts of before. */
export function PromptField(props: PromptFieldProps): JSX.Element {
  const { prompts, placeholder, embeddingNames = [], maxLength, isDisabled, onRun } = props;
  const { Button, TextArea } = useWidgets();
  const { prompt } = prompts.settings.value;
  const suggestions = suggestedNames(prompt, embeddingNames);
  return (
    <div class="inlay-prompt">
      <TextArea
        label="Prompt"
        isLabelHidden={true}
        value={prompt}
        placeholder={placeholder}
        {...(maxLength !== undefined && { maxLength })}
        {...(isDisabled !== undefined && { isDisabled })}
        onInput={(text) => prompts.change({ prompt: text })}
        onSubmit={onRun}
        onRecall={(by) => prompts.recall(by)}
      />
      {suggestions.length > 0 && (
        // A press leaves the focus in the field, where the writing goes on.
        // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own
        <div
          class="inlay-suggestions"
          role="group"
          aria-label="Embeddings"
          onMouseDown={(event) => event.preventDefault()}
        >
          {suggestions.map((name) => (
            <Button key={name} onPress={() => prompts.change({ prompt: withName(prompt, name) })}>
              {name}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}
