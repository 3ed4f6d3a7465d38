import type { JSX } from 'preact';
import type { Layer } from '../document/layer.ts';
import { setLayerVisible } from '../editor/edit-layers.ts';
import { useEditor } from './editor-context.ts';
import { IconButton } from './icon-button.tsx';
import { Thumbnail } from './thumbnail.tsx';

/** A layer in the list: press it to choose it. */
export function LayerRow({ layer }: { readonly layer: Layer }): JSX.Element {
  const editor = useEditor();
  const isSelected = editor.selectedLayer.value?.id === layer.id;
  const { name, isVisible, variations, shown } = layer;
  return (
    <li class="layer-row" data-selected={isSelected} data-hidden={!isVisible}>
      <IconButton
        icon={isVisible ? 'visible' : 'hidden'}
        label={`Show ${name}`}
        isPressed={isVisible}
        isDisabled={editor.isLocked.value}
        onPress={() => setLayerVisible(editor, layer, !isVisible)}
      />
      <button
        type="button"
        class="layer-choice"
        aria-pressed={isSelected}
        onClick={() => editor.selectLayer(isSelected ? undefined : layer.id)}
      >
        <Thumbnail raster={variations[shown]!.raster} mask={layer.mask} />
        <span class="layer-name">
          <span class="visually-hidden">Layer </span>
          {name}
        </span>
      </button>
      {variations.length > 1 && (
        <span class="muted layer-variation">
          {shown + 1}/{variations.length}
        </span>
      )}
    </li>
  );
}

/** The picture that was opened. Nothing can be done to it. */
export function BaseRow(): JSX.Element {
  const { base } = useEditor().basis.value!;
  return (
    <li class="layer-row base-row">
      <Thumbnail raster={base} />
      <span class="layer-name">Picture</span>
    </li>
  );
}
