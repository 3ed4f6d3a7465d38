import type { JSX } from 'preact';
import { Icon } from '../../shared/ui/icon.tsx';
import { useWidgets } from '../../shared/ui/widgets.ts';
import type { Layer } from '../document/layer.ts';
import { deleteLayer, renameLayer, setLayerOpacity, shiftLayer } from '../editor/edit-layers.ts';
import { selectLayerMask } from '../editor/edit-selection.ts';
import { useEditor } from './editor-context.ts';
import { IconButton } from './icon-button.tsx';
import { LayerRecipe } from './layer-recipe.tsx';

/** What can be done to the layer that is chosen. */
export function LayerDetails({ layer }: { readonly layer: Layer }): JSX.Element {
  const editor = useEditor();
  const { Slider } = useWidgets();
  const layers = editor.layers.value;
  const index = layers.findIndex(({ id }) => id === layer.id);
  const isLocked = editor.isLocked.value;
  const percent = Math.round(layer.opacity * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own
    <div class="layer-details" role="group" aria-label={`Layer ${layer.name}`}>
      <label class="text-field">
        <span>Name</span>
        <input
          type="text"
          value={layer.name}
          maxLength={60}
          disabled={isLocked}
          onChange={(event) => renameLayer(editor, layer, event.currentTarget.value)}
        />
      </label>
      <Slider
        label="Opacity"
        value={percent}
        min={0}
        max={100}
        valueText={`${percent} %`}
        isDisabled={isLocked}
        onInput={(value) => setLayerOpacity(editor, layer, value / 100)}
      />
      <div class="layer-tools">
        <IconButton
          icon="up"
          label="Move up"
          isDisabled={isLocked || index === layers.length - 1}
          onPress={() => shiftLayer(editor, layer, 1)}
        />
        <IconButton
          icon="down"
          label="Move down"
          isDisabled={isLocked || index === 0}
          onPress={() => shiftLayer(editor, layer, -1)}
        />
        <IconButton
          icon="selection"
          label="Select what it covers"
          isDisabled={isLocked}
          onPress={() => selectLayerMask(editor, layer.id)}
        />
        <span class="spacer" />
        <button
          type="button"
          class="inlay-button danger"
          disabled={isLocked}
          onClick={() => deleteLayer(editor, layer)}
        >
          <Icon name="delete" />
          Delete
        </button>
      </div>
      <LayerRecipe layer={layer} />
    </div>
  );
}
