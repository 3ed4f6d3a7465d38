import type { JSX } from 'preact';
import { closeDialog } from '../editor/commands.ts';
import { Dialog } from './dialog.tsx';
import { useEditor } from './editor-context.ts';
import { GenerateForm } from './generate-form.tsx';

/** A new picture in the place of the one that is open. */
export function GenerateDialog(): JSX.Element {
  const editor = useEditor();
  const close = () => closeDialog(editor, 'generate');
  return (
    <Dialog title="New picture from words" onClose={close}>
      <GenerateForm onStart={close} />
    </Dialog>
  );
}
