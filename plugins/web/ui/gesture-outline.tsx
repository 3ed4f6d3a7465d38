import type { JSX } from 'preact';
import { toScreen } from '../document/viewport.ts';
import { useEditor } from './editor-context.ts';

/** The line that lasso and rectangle draw while the pointer is down. */
export function GestureOutline(): JSX.Element | null {
  const editor = useEditor();
  const outline = editor.outline.value;
  if (outline.length < 2) return null;
  const viewport = editor.viewport.value;
  const points = outline.map((point) => toScreen(viewport, point)).map(({ x, y }) => `${x},${y}`);
  return (
    <svg class="gesture-outline" aria-hidden="true">
      <polygon class="outline-under" points={points.join(' ')} />
      <polygon class="outline-over" points={points.join(' ')} />
    </svg>
  );
}
