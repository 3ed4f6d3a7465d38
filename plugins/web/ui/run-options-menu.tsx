import type { JSX } from 'preact';
import { DiffusionFields } from '../../shared/ui/diffusion-fields.tsx';
import { ModelNote } from '../../shared/ui/model-note.tsx';
import { StyleField } from '../../shared/ui/style-field.tsx';
import { currentModel, promptOperation, takesWords } from '../editor/words.ts';
import { BatchFields } from './batch-fields.tsx';
import { ControlSection } from './control-section.tsx';
import { useEditor } from './editor-context.ts';
import { Popover } from './popover.tsx';

/** How many variations, and of which seed; and what steers a model that the server has for prompts. */
export function RunOptionsMenu(): JSX.Element {
  const editor = useEditor();
  const label = takesWords(editor) ? 'Settings' : 'Variations and seed';
  return (
    <Popover
      icon="settings"
      label={label}
      side="above"
      align="end"
      onOpen={() => void editor.connection.refresh()}
    >
      {() => (
        <div class="menu">
          <PromptSettings />
          <BatchFields />
          <p class="muted">The same seed on the same selection gives the same picture.</p>
        </div>
      )}
    </Popover>
  );
}

function PromptSettings(): JSX.Element | null {
  const editor = useEditor();
  const capabilities = editor.connection.capabilities.value;
  const operation = promptOperation(editor);
  const model = operation && currentModel(editor, operation);
  if (capabilities === undefined || operation === undefined || model === undefined) return null;
  return (
    <>
      <h3>With a prompt</h3>
      <StyleField prompts={editor.prompts} capabilities={capabilities} />
      <DiffusionFields
        prompts={editor.prompts}
        operation={operation}
        model={model}
        capabilities={capabilities}
      />
      <ControlSection operation={operation} model={model} capabilities={capabilities} />
      <ModelNote model={model.name} title={model.title} intro="Drawn by" />
      <hr />
    </>
  );
}
