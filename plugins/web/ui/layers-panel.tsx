import type { JSX } from 'preact';
import { useEditor } from './editor-context.ts';
import { IconButton } from './icon-button.tsx';
import { LayerDetails } from './layer-details.tsx';
import { BaseRow, LayerRow } from './layer-row.tsx';

/** Everything that lies over the picture, the topmost first. */
export function LayersPanel(): JSX.Element {
  const editor = useEditor();
  const layers = editor.layers.value;
  const selected = editor.selectedLayer.value;
  return (
    <aside class="layers-panel" aria-label="Layers" data-open={editor.isPanelOpen.value}>
      <div class="panel-head">
        <h2>Layers</h2>
        <span class="panel-toggle">
          <IconButton
            icon="close"
            label="Close the layers"
            onPress={() => {
              editor.isPanelOpen.value = false;
            }}
          />
        </span>
      </div>
      <ul class="layer-list">
        {[...layers].reverse().map((layer) => (
          <LayerRow key={layer.id} layer={layer} />
        ))}
        <BaseRow />
      </ul>
      {layers.length === 0 && (
        <p class="muted panel-note">Each result becomes a layer here. The picture below stays as it is.</p>
      )}
      {selected !== undefined && <LayerDetails key={selected.id} layer={selected} />}
    </aside>
  );
}
