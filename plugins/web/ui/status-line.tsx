import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useEditor } from './editor-context.ts';

const shownMs = 4_000;

/** What the page is at, or what happened last: read out by screen readers, and shown for a moment. */
export function StatusLine(): JSX.Element {
  const { status, busy } = useEditor();
  const text = busy.value ?? status.value;
  const isLasting = busy.value !== undefined;
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (text === '') return;
    setShown(true);
    if (isLasting) return;
    const timer = setTimeout(() => setShown(false), shownMs);
    return () => clearTimeout(timer);
  }, [text, isLasting]);
  return (
    <div class="status-line" role="status" data-shown={isShown}>
      {text}
    </div>
  );
}
