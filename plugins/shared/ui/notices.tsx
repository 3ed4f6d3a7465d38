import type { JSX } from 'preact';
import { useWidgets } from './widgets.ts';

export interface NoticesProps {
  readonly notices: readonly string[];
  readonly onDismiss: (notice: string) => void;
}

/** What the user should know and is no failure. The list itself is always there, so that what is added to it is read out. */
export function Notices({ notices, onDismiss }: NoticesProps): JSX.Element {
  const { IconButton } = useWidgets();
  return (
    <div class="inlay-notices" role="status">
      {notices.map((notice) => (
        <div key={notice} class="inlay-notice">
          <div class="inlay-notice-words">{notice}</div>
          <IconButton icon="close" label="Dismiss" onPress={() => onDismiss(notice)} />
        </div>
      ))}
    </div>
  );
}
