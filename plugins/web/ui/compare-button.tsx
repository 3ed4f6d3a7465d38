import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../../shared/ui/icon.tsx';
import { pressComparison, toggleComparison } from '../editor/comparison.ts';
import { useEditor } from './editor-context.ts';
import { keepFocus } from './icon-button.tsx';

/** Before and after: side by side when pressed, the original alone for as long as it is held. */
export function CompareButton(): JSX.Element {
  const editor = useEditor();
  const release = useRef<(() => void) | undefined>(undefined);
  const end = () => {
    release.current?.();
    release.current = undefined;
  };
  return (
    <button
      type="button"
      class="inlay-icon-button compare-button"
      aria-label="Compare with the original"
      title="Compare with the original (C, hold to see it alone)"
      aria-pressed={editor.split.value !== undefined}
      disabled={editor.layers.value.length === 0}
      onMouseDown={keepFocus}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        release.current = pressComparison(editor);
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onContextMenu={(event) => event.preventDefault()}
      onClick={(event) => {
        // By keyboard: a pointer's press has done its work already.
        if (event.detail === 0) toggleComparison(editor);
      }}
    >
      <Icon name="compare" />
    </button>
  );
}
