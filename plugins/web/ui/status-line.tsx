import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useEditor } from './editor-context.ts';

const shownMs = 4_000;

/** What happened last: read out by screen readers, and shown for a moment. */
export function StatusLine(): JSX.Element {
  const { status } = useEditor();
  const text = status.value;
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (text === '') return;
    setShown(true);
    const timer = setTimeout(() => setShown(false), shownMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="status-line" role="status" data-shown={isShown}>
      {text}
    </div>
  );
}
