import type { JSX } from 'preact';
import { drawingModel } from '../../store/diffusion-settings.ts';
import { embeddingNames } from '../../store/embedding-names.ts';
import { PromptField } from '../../ui/prompt-field.tsx';
import { StrengthField } from '../../ui/strength-field.tsx';
import { StyleField } from '../../ui/style-field.tsx';
import type { PanelOperation } from '../editor-host.ts';
import { serverOperation } from '../operations.ts';
import { usePanel } from './panel-context.ts';

const placeholders: Readonly<Partial<Record<PanelOperation, string>>> = {
  fill: 'What should be there? Or leave it empty',
  expand: 'What should be seen there? Or leave it empty',
  vary: 'Describe the picture anew',
  generate: 'What should it show?',
  mockup: 'What should the pictures show?',
  sketch: 'What is the sketch of?',
};

/** What is wanted in words, and in which style; nothing where the server has no model for that. */
export function WordFields(): JSX.Element | null {
  const panel = usePanel();
  const operation = panel.operation.value;
  const placeholder = placeholders[operation];
  const capabilities = panel.connection.capabilities.value;
  const settings = panel.prompts.settings.value;
  const model = capabilities && drawingModel(capabilities, serverOperation(operation), settings);
  if (placeholder === undefined || capabilities === undefined || model === undefined) return null;
  return (
    <div class="inlay-words inlay-fields">
      <PromptField
        prompts={panel.prompts}
        placeholder={placeholder}
        embeddingNames={embeddingNames(capabilities, model)}
        maxLength={capabilities.limits.maxPromptLength}
        onRun={() => void panel.run()}
      />
      <StyleField prompts={panel.prompts} capabilities={capabilities} />
      {operation === 'vary' && (
        <StrengthField prompts={panel.prompts} operation="vary" model={model} capabilities={capabilities} />
      )}
    </div>
  );
}
