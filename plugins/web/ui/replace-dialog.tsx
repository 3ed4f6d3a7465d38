import type { JSX } from 'preact';
import { showDocument } from '../editor/open-picture.ts';
import { Dialog } from './dialog.tsx';
import { useEditor } from './editor-context.ts';

/** Asked only where undo could not bring the picture back that is open now. */
export function ReplaceDialog(): JSX.Element | null {
  const editor = useEditor();
  const replacement = editor.replacement.value;
  if (replacement === undefined) return null;
  const close = () => {
    editor.replacement.value = undefined;
  };
  return (
    <Dialog title="Replace the open picture?" onClose={close}>
      <p>
        Together the two are too large for undo: {editor.saved.value?.fileName} and its layers would be gone
        for good. Download it first if you need it.
      </p>
      <div class="dialog-actions">
        <button type="button" class="inlay-button" onClick={close}>
          Keep it
        </button>
        <button
          type="button"
          class="inlay-button inlay-primary"
          onClick={() => showDocument(editor, replacement)}
        >
          Replace it
        </button>
      </div>
    </Dialog>
  );
}
