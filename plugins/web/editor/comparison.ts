/** Before and after: a short press leaves the two side by side, a long one shows the original for as long as it lasts. */
import type { EditorStore } from './editor-store.ts';

const holdMs = 300;

/** Shows before and after side by side, or ends that. */
export function toggleComparison(editor: EditorStore): void {
  const isShown = editor.split.value !== undefined;
  editor.status.value = '';
  editor.split.value = isShown || editor.layers.value.length === 0 ? undefined : 0.5;
}

/** The key or button for it is down. Returns what is to be called when it is up again. */
export function pressComparison(editor: EditorStore): () => void {
  if (editor.layers.value.length === 0) return () => {};
  const before = editor.split.value;
  let isHeld = false;
  toggleComparison(editor);
  const timer = setTimeout(() => {
    isHeld = true;
    editor.split.value = 1;
  }, holdMs);
  return () => {
    clearTimeout(timer);
    if (isHeld) editor.split.value = before;
  };
}
