import type { JSX } from 'preact';
import { drawingModels } from '../../shared/store/diffusion-settings.ts';
import { DiffusionFields } from '../../shared/ui/diffusion-fields.tsx';
import { ModelNote } from '../../shared/ui/model-note.tsx';
import { currentModel, takesWords } from '../editor/words.ts';
import { BatchFields } from './batch-fields.tsx';
import { useEditor } from './editor-context.ts';
import { Popover } from './popover.tsx';

/** How many variations, and of which seed; and what steers a model that the server has for prompts. */
export function RunOptionsMenu(): JSX.Element {
  const label = takesWords(useEditor()) ? 'Settings' : 'Variations and seed';
  return (
    <Popover icon="settings" label={label} side="above" align="end">
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
  const model = currentModel(editor, 'fill') ?? currentModel(editor, 'vary');
  if (capabilities === undefined || model === undefined) return null;
  return (
    <>
      <h3>With a prompt</h3>
      <DiffusionFields
        prompts={editor.prompts}
        models={drawingModels(capabilities)}
        model={model}
        schedulers={capabilities.schedulers}
        hasStrength={currentModel(editor, 'vary') !== undefined}
        limits={capabilities.limits}
      />
      <ModelNote model={model.name} title={model.title} intro="Drawn by" />
      <hr />
    </>
  );
}
