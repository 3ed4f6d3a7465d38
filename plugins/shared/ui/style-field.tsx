import type { JSX } from 'preact';
import type { Capabilities } from '../../../bridge/protocol/messages.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { stylesOf, wordsInStyle } from '../store/styles.ts';
import { Choice } from './choice.tsx';

export interface StyleFieldProps {
  readonly prompts: PromptStore;
  readonly capabilities: Pick<Capabilities, 'styles'>;
}

/** A look that the server puts around the words, and what it makes of them. */
export function StyleField({ prompts, capabilities }: StyleFieldProps): JSX.Element | null {
  const settings = prompts.settings.value;
  const styles = stylesOf(capabilities);
  const style = styles.find(({ name }) => name === settings.style);
  const names = Object.fromEntries(styles.map(({ name, title }) => [name, title]));
  if (styles.length === 0) return null;
  const words = style && wordsInStyle(settings, style);
  return (
    <>
      <Choice
        label="Style"
        value={style?.name}
        names={names}
        unset="none"
        onChange={(name) => prompts.change({ style: name })}
      />
      {words !== undefined && (
        <p class="inlay-muted inlay-styled">
          {settings.prompt.trim() === '' ? 'A style needs a prompt to go with.' : `Sent as: ${words.prompt}`}
          {settings.prompt.trim() !== '' &&
            words.negativePrompt !== '' &&
            `. Without: ${words.negativePrompt}`}
        </p>
      )}
    </>
  );
}
