import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Notices } from '../../shared/ui/notices.tsx';
import { useEditor } from './editor-context.ts';

const words =
  'Inlay is open in another tab, whose picture is kept for your next visit. The one in this tab is not: download it before you close it.';

/** For the second tab of a browser; nothing in the first. */
export function KeptElsewhereNotice(): JSX.Element | null {
  const { isKept } = useEditor();
  const [isDismissed, setDismissed] = useState(false);
  if (isKept || isDismissed) return null;
  return <Notices notices={[words]} onDismiss={() => setDismissed(true)} />;
}
