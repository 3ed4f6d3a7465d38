import type { JSX } from 'preact';
import { stylesOf, wordsOfUser } from '../../store/styles.ts';
import { useWidgets } from '../../ui/widgets.ts';
import type { Recipe } from '../editor-host.ts';
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
  const { IconButton } = useWidgets();
  const { request, operation } = recipe;
  const styles = stylesOf(panel.connection.capabilities.value);
  const prompt = wordsOfUser(request, styles)?.prompt;
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div
      class={isEdited ? 'inlay-card inlay-edited' : 'inlay-card'}
      role="group"
      aria-label={isEdited ? 'The result that is edited' : 'The selected result'}
    >
      <div class="inlay-card-head">
        <p class="inlay-muted">{isEdited ? 'The next result goes where this one is' : 'Selected result'}</p>
        {isEdited && <IconButton icon="close" label="Leave its place" onPress={() => panel.stopEditing()} />}
      </div>
      <p class="inlay-card-title">{prompt ?? panelOperationNames[operation]}</p>
      <p class="inlay-muted inlay-small">{detailsOf(recipe, styles)}</p>
      {!isEdited && <RecipeActions recipe={recipe} />}
    </div>
  );
}

function RecipeActions({ recipe }: RecipeCardProps): JSX.Element {
  const panel = usePanel();
  const { Button } = useWidgets();
  const isDisabled = !panel.isReady.value;
  const hasSeeds = recipe.operation !== 'upscale';
  return (
    <div class="inlay-actions">
      {hasSeeds && (
        <>
          <Button isDisabled={isDisabled} onPress={() => void panel.repeat(recipe, 'next')}>
            More like this
          </Button>
          <Button isDisabled={isDisabled} onPress={() => void panel.repeat(recipe, 'random')}>
            Re-roll
          </Button>
        </>
      )}
      <Button onPress={() => panel.edit(recipe)}>Edit</Button>
      <Button isDisabled={isDisabled} onPress={() => void panel.repeat(recipe, 'same')}>
        Generate again
      </Button>
    </div>
  );
}

/** E.g. `Fill · seed 7 · dreamshaper`. */
function detailsOf({ operation, request }: Recipe, styles: ReturnType<typeof stylesOf>): string {
  const seed = 'seed' in request ? request.seed : undefined;
  const scale = 'scale' in request ? request.scale : undefined;
  return [
    panelOperationNames[operation],
    wordsOfUser(request, styles)?.style?.title,
    seed !== undefined && `seed ${seed}`,
    scale !== undefined && `${scale}×`,
    'model' in request && request.model,
  ]
    .filter(Boolean)
    .join(' · ');
}
