import type { JSX } from 'preact';
import type { Capabilities, ModelCapability } from '../../../bridge/protocol/messages.ts';
import { embeddingNames } from '../../shared/store/embedding-names.ts';
import { DiffusionFields } from '../../shared/ui/diffusion-fields.tsx';
import { Icon } from '../../shared/ui/icon.tsx';
import { ModelNote } from '../../shared/ui/model-note.tsx';
import { OutlookLine } from '../../shared/ui/outlook-line.tsx';
import { PromptField } from '../../shared/ui/prompt-field.tsx';
import { StyleField } from '../../shared/ui/style-field.tsx';
import { newPictureSize, runGenerate } from '../editor/run-drawing.ts';
import { currentModel } from '../editor/words.ts';
import { BatchFields } from './batch-fields.tsx';
import { ControlSection } from './control-section.tsx';
import { useEditor } from './editor-context.ts';
import { SizeChoice } from './size-choice.tsx';

export interface GenerateFormProps {
  /** It has begun. */
  readonly onStart?: () => void;
}

/** A new picture from words; nothing where the server has no model for that. */
export function GenerateForm({ onStart }: GenerateFormProps): JSX.Element | null {
  const editor = useEditor();
  const capabilities = editor.connection.capabilities.value;
  const model = currentModel(editor);
  if (capabilities === undefined || model === undefined) return null;
  return <Form model={model} capabilities={capabilities} onStart={onStart ?? (() => {})} />;
}

interface FormProps {
  readonly model: ModelCapability;
  readonly capabilities: Capabilities;
  readonly onStart: () => void;
}

function Form({ model, capabilities, onStart }: FormProps): JSX.Element {
  const editor = useEditor();
  const { prompts } = editor;
  const isReady = editor.connection.status.value.state === 'ready' && !editor.isLocked.value;
  const run = () => {
    if (!isReady || prompts.settings.value.prompt.trim() === '') return;
    onStart();
    void runGenerate(editor, newPictureSize(editor, model));
  };
  return (
    <form
      class="generate-form"
      aria-label="New picture from words"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <PromptField
        prompts={prompts}
        placeholder="What should it show?"
        embeddingNames={embeddingNames(capabilities, model)}
        maxLength={capabilities.limits.maxPromptLength}
        onRun={run}
      />
      <StyleField prompts={prompts} capabilities={capabilities} />
      <SizeChoice model={model} />
      <ControlSection operation="generate" model={model} capabilities={capabilities} />
      <details
        class="disclosure"
        onToggle={({ currentTarget }) => {
          if (currentTarget.open) void editor.connection.refresh();
        }}
      >
        <summary>
          <Icon name="unfold" size={16} />
          Settings
        </summary>
        <div class="disclosed">
          <DiffusionFields prompts={prompts} operation="generate" model={model} capabilities={capabilities} />
          <BatchFields />
        </div>
      </details>
      <OutlookLine estimates={editor.estimates} />
      <div class="dialog-actions">
        <ModelNote model={model.name} title={model.title} intro="Drawn by" />
        <button
          type="submit"
          class="inlay-button inlay-primary"
          disabled={!isReady || prompts.settings.value.prompt.trim() === ''}
        >
          <Icon name="generate" />
          Generate
        </button>
      </div>
    </form>
  );
}
