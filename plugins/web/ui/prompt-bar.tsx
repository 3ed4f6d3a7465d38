import type { JSX } from 'preact';
import { PromptField } from '../../shared/ui/prompt-field.tsx';
import { runPrompt } from '../editor/run-drawing.ts';
import { currentModel, takesWords } from '../editor/words.ts';
import { useEditor } from './editor-context.ts';

/** What the selection, or the whole picture, is to become; nothing where the server has no model for that. */
export function PromptBar(): JSX.Element | null {
  const editor = useEditor();
  if (!takesWords(editor)) return null;
  const maxLength = editor.connection.capabilities.value?.limits.maxPromptLength;
  const varies = !editor.hasSelection.value && currentModel(editor, 'vary') !== undefined;
  return (
    <div class="pill prompt-bar">
      <PromptField
        prompts={editor.prompts}
        placeholder={
          varies ? 'Describe the picture anew, or select a part' : 'What should be in the selection?'
        }
        {...(maxLength !== undefined && { maxLength })}
        onRun={() => {
          if (editor.connection.status.value.state === 'ready') void runPrompt(editor);
        }}
      />
    </div>
  );
}
