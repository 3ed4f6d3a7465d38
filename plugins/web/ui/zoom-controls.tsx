import type { JSX } from 'preact';
import { fitPicture, zoomIn, zoomOut, zoomToActualPixels } from '../editor/view.ts';
import { useEditor } from './editor-context.ts';
import { IconButton, keepFocus } from './icon-button.tsx';

export function ZoomControls(): JSX.Element {
  const editor = useEditor();
  const percent = Math.round(editor.viewport.value.scale * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own
    <div class="zoom-controls" role="group" aria-label="Zoom">
      <IconButton icon="minus" label="Zoom out" shortcut="−" onPress={() => zoomOut(editor)} />
      <button
        type="button"
        class="inlay-button plain zoom-value"
        title="Actual pixels (1)"
        aria-label={`Zoom ${percent} %, show actual pixels`}
        onMouseDown={keepFocus}
        onClick={() => zoomToActualPixels(editor)}
      >
        {percent} %
      </button>
      <IconButton icon="add" label="Zoom in" shortcut="+" onPress={() => zoomIn(editor)} />
      <IconButton icon="fit" label="Fit the picture" shortcut="0" onPress={() => fitPicture(editor)} />
    </div>
  );
}
