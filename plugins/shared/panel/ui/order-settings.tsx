import type { JSX } from 'preact';
import { drawingModel, type PromptOperation, promptOperations } from '../../store/diffusion-settings.ts';
import { DiffusionFields } from '../../ui/diffusion-fields.tsx';
import { Fold } from '../../ui/fold.tsx';
import { ModelNote } from '../../ui/model-note.tsx';
import { SeedField } from '../../ui/seed-field.tsx';
import { serverOperation } from '../operations.ts';
import { usePanel } from './panel-context.ts';

/** What steers the model besides the prompt, and the seed. */
export function OrderSettings(): JSX.Element | null {
  const panel = usePanel();
  const { prompts, fields } = panel;
  const capabilities = panel.connection.capabilities.value;
  const operation = serverOperation(panel.operation.value);
  if (capabilities === undefined || operation === 'upscale') return null;
  const drawing = promptOperations.find((candidate): candidate is PromptOperation => candidate === operation);
  const model = drawing && drawingModel(capabilities, drawing, prompts.settings.value);
  const { recipe } = panel.host.target.value;
  const shown = recipe?.request;
  return (
    <Fold label="More options" onOpen={() => void panel.connection.refresh()}>
      {drawing !== undefined && model !== undefined && (
        <>
          <DiffusionFields
            prompts={prompts}
            operation={drawing}
            model={model}
            capabilities={capabilities}
            hasStrengthApart={drawing === 'vary'}
          />
          <ModelNote model={model.name} title={model.title} intro="Drawn by" />
        </>
      )}
      <div class="inlay-fields inlay-seed-field">
        <SeedField
          seed={fields.choices.value.seed}
          shownSeed={shown && 'seed' in shown ? shown.seed : undefined}
          isPlain={recipe === undefined}
          onChange={(seed) => fields.change({ seed })}
        />
      </div>
    </Fold>
  );
}
