import type { JSX } from 'preact';
import { wordsOf } from '../../shared/store/diffusion-settings.ts';
import { DrawingRecipe } from '../../shared/ui/drawing-recipe.tsx';
import type { Layer } from '../document/layer.ts';
import { reuseSettings } from '../editor/run-drawing.ts';
import { useEditor } from './editor-context.ts';

/** What the layer's variation that is seen was drawn from; nothing for one without words. */
export function LayerRecipe({ layer }: { readonly layer: Layer }): JSX.Element | null {
  const editor = useEditor();
  const request = wordsOf(layer.variations[layer.shown]!.request);
  if (request === undefined) return null;
  return (
    <DrawingRecipe
      request={request}
      models={editor.connection.capabilities.value?.models ?? []}
      isDisabled={editor.isLocked.value}
      onReuse={() => reuseSettings(editor, request)}
    />
  );
}
