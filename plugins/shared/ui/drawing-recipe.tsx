import type { JSX } from 'preact';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';
import type { DrawingRequest } from '../store/diffusion-settings.ts';
import { usualNetworkStrength } from '../store/extra-networks.ts';
import { ModelNote } from './model-note.tsx';
import { useWidgets } from './widgets.ts';

export interface DrawingRecipeProps {
  /** Complete, as it came with the result. */
  readonly request: DrawingRequest;
  /** The server's, for their titles. */
  readonly models: readonly ModelCapability[];
  readonly isDisabled?: boolean;
  readonly onReuse: () => void;
}

/** What a result was drawn from: words, model, settings; and a way to go on from there. */
export function DrawingRecipe({ request, models, isDisabled, onReuse }: DrawingRecipeProps): JSX.Element {
  const { Button } = useWidgets();
  const { prompt, negativePrompt, model } = request;
  return (
    <div class="inlay-recipe">
      <p class="inlay-recipe-prompt">{prompt}</p>
      {negativePrompt !== undefined && negativePrompt !== '' && (
        <p class="inlay-muted">Without: {negativePrompt}</p>
      )}
      <p class="inlay-muted">{settingsLine(request)}</p>
      {model !== undefined && (
        <ModelNote model={model} title={models.find(({ name }) => name === model)?.title} intro="Made by" />
      )}
      <Button onPress={onReuse} {...(isDisabled !== undefined && { isDisabled })}>
        Use these settings again
      </Button>
    </div>
  );
}

/** E.g. `Seed 7 · 20 steps · guidance 7.5 · euler · ink-lines 0.8`. */
function settingsLine(request: DrawingRequest): string {
  const { seed, numInferenceSteps, guidanceScale, scheduler, loras = [], hypernetworks = [] } = request;
  return [
    seed !== undefined && `Seed ${seed}`,
    numInferenceSteps !== undefined && `${numInferenceSteps} ${numInferenceSteps === 1 ? 'step' : 'steps'}`,
    guidanceScale !== undefined && `guidance ${guidanceScale}`,
    scheduler,
    ...[...loras, ...hypernetworks].map(
      ({ model, strength = usualNetworkStrength }) => `${model} ${strength}`,
    ),
  ]
    .filter(Boolean)
    .join(' · ');
}
