import type { JSX } from 'preact';
import { embeddingNames } from '../../shared/store/embedding-names.ts';
import { OutlookLine } from '../../shared/ui/outlook-line.tsx';
import { PromptField } from '../../shared/ui/prompt-field.tsx';
import { runPrompt } from '../editor/run-drawing.ts';
import { currentModel, promptOperation } from '../editor/words.ts';
import { useEditor } from './editor-context.ts';

const placeholders = {
  fill: 'What should be in the selection?',
  vary: 'Describe the picture anew, or select a part',
  expand: 'What should be seen there? Or leave it empty',
  generate: 'What should it show?',
} as const;

/** What the selection, the whole picture or its surroundings are to become; nothing where the server has no model for that. */
export function PromptBar(): JSX.Element | null {
  const editor = useEditor();
  const operation = promptOperation(editor);
  if (operation === undefined) return null;
  const capabilities = editor.connection.capabilities.value!;
  const model = currentModel(editor, operation)!;
  return (
    <div class="pill prompt-bar">
      <PromptField
        prompts={editor.prompts}
        placeholder={placeholders[operation]}
        embeddingNames={embeddingNames(capabilities, model)}
        maxLength={capabilities.limits.maxPromptLength}
        onRun={() => {
          if (editor.connection.status.value.state === 'ready') void runPrompt(editor);
        }}
      />
      <OutlookLine estimates={editor.estimates} />
    </div>
  );
}
