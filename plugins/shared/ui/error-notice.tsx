import type { JSX } from 'preact';
import { Icon } from './icon.tsx';
import { useWidgets } from './widgets.ts';

export interface ErrorNoticeProps {
  /** A `ClientError`, or anything that says what is wrong and what to do about it. */
  readonly error: { readonly message: string; readonly hint: string };
  readonly onDismiss: () => void;
  readonly onRetry?: () => void;
}

/** What went wrong in a sentence, and what to do about it. */
export function ErrorNotice({ error, onDismiss, onRetry }: ErrorNoticeProps): JSX.Element {
  const { Button, IconButton } = useWidgets();
  return (
    <div class="inlay-notice inlay-error" role="alert">
      <Icon name="alert" />
      <div class="inlay-notice-words">
        <div>{error.message}</div>
        {error.hint !== '' && <div class="inlay-muted">{error.hint}</div>}
      </div>
      {onRetry !== undefined && <Button onPress={onRetry}>Try again</Button>}
      <IconButton icon="close" label="Dismiss" onPress={onDismiss} />
    </div>
  );
}
