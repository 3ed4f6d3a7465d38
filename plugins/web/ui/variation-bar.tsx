import type { JSX } from 'preact';
import { Icon } from '../../shared/ui/icon.tsx';
import { VariationPicker } from '../../shared/ui/variation-picker.tsx';
import { showVariation } from '../editor/edit-layers.ts';
import { runMoreVariations } from '../editor/run-operations.ts';
import { useEditor } from './editor-context.ts';
import { keepFocus } from './icon-button.tsx';

/** The results of the layer that is chosen, to flip through. */
export function VariationBar(): JSX.Element | null {
  const editor = useEditor();
  const layer = editor.selectedLayer.value;
  if (layer === undefined) return null;
  const { count } = editor.runOptions.value;
  const hasChoice = layer.variations.length > 1;
  const isComplete = editor.provisional.value === undefined;
  if (!hasChoice && !isComplete) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own
    <div
      class="pill variation-bar"
      role="group"
      aria-label={isComplete ? `Variations of ${layer.name}` : `${layer.name} so far`}
    >
      <VariationPicker
        count={layer.variations.length}
        shown={layer.shown}
        onShow={(shown) => showVariation(editor, layer, shown)}
      />
      {hasChoice && isComplete && <span class="divider" />}
      {isComplete && (
        <button
          type="button"
          class="inlay-button plain"
          disabled={editor.isLocked.value || editor.connection.status.value.state !== 'ready'}
          onMouseDown={keepFocus}
          onClick={() => void runMoreVariations(editor, layer)}
        >
          <Icon name="add" size={16} />
          {count} more
        </button>
      )}
    </div>
  );
}
