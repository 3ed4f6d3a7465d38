import type { JSX } from 'preact';
import { useWidgets } from '../../ui/widgets.ts';
import type { Recipe } from '../editor-host.ts';
import { entryTitle } from '../history-store.ts';
import { panelOperationNames } from '../operations.ts';
import { usePanel } from './panel-context.ts';

export interface RecipeCardProps {
  readonly recipe: Recipe;
  /** The next order goes to its place. */
  readonly isEdited?: boolean;
}

/** With what the selected result was made, and how to go on from there. */
export function RecipeCard({ recipe, isEdited = false }: RecipeCardProps): JSX.Element {
  const panel = usePanel();
  const { Button, IconButton } = useWidgets();
  const { request, operation } = recipe;
  const isReady = panel.isReady.value;
  const model = request.model;
  const seed = 'seed' in request ? request.seed : undefined;
  const details = [panelOperationNames[operation], model, seed !== undefined && `seed ${seed}`];
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-card" role="group" aria-label="The selected result">
      <div class="inlay-card-head">
        <p class="inlay-card-title">
          {isEdited ? `In the place of “${entryTitle(recipe)}”` : entryTitle(recipe)}
        </p>
        {isEdited && <IconButton icon="close" label="Leave that place" onPress={() => panel.stopEditing()} />}
      </div>
      <p class="inlay-muted">{details.filter(Boolean).join(' · ')}</p>
      {!isEdited && (
        <div class="inlay-actions">
          {operation !== 'upscale' && (
            <>
              <Button isDisabled={!isReady} onPress={() => void panel.repeat(recipe, 'next')}>
                More like this
              </Button>
              <Button isDisabled={!isReady} onPress={() => void panel.repeat(recipe, 'random')}>
                Re-roll
              </Button>
            </>
          )}
          <Button onPress={() => panel.edit(recipe)}>Edit</Button>
          <Button isDisabled={!isReady} onPress={() => void panel.repeat(recipe, 'same')}>
            Generate again
          </Button>
        </div>
      )}
    </div>
  );
}
