import type { JSX } from 'preact';
import type { PromptStore } from '../store/prompt-store.ts';
import { useWidgets } from './widgets.ts';

export interface PromptFieldProps {
  readonly prompts: PromptStore;
  readonly placeholder: string;
  /** Characters. */
  readonly maxLength?: number;
  readonly isDisabled?: boolean;
  /** Enter. */
  readonly onRun: () => void;
}

/** What is wanted, in words. The arrow keys bring back the prompts of before. */
export function PromptField(props: PromptFieldProps): JSX.Element {
  const { prompts, placeholder, maxLength, isDisabled, onRun } = props;
  const { TextArea } = useWidgets();
  return (
    <div class="inlay-prompt">
      <TextArea
        label="Prompt"
        isLabelHidden={true}
        value={prompts.settings.value.prompt}
        placeholder={placeholder}
        {...(maxLength !== undefined && { maxLength })}
        {...(isDisabled !== undefined && { isDisabled })}
        onInput={(prompt) => prompts.change({ prompt })}
        onSubmit={onRun}
        onRecall={(by) => prompts.recall(by)}
      />
    </div>
  );
}
