import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { featherSelection, selectAll, selectRectangle } from '../editor/edit-selection.ts';
import { useEditor } from './editor-context.ts';
import { Popover } from './popover.tsx';

const maxFeather = 250;

/** What is done to a selection now and then, and a rectangle by numbers for those who do not draw. */
export function SelectionMenu(): JSX.Element {
  return (
    <Popover icon="more" label="More for the selection" side="below" align="end">
      {(close) => <SelectionMenuItems close={close} />}
    </Popover>
  );
}

function SelectionMenuItems({ close }: { readonly close: () => void }): JSX.Element {
  const editor = useEditor();
  const { NumberField } = useWidgets();
  const { width, height } = editor.saved.value!.size;
  const selected = editor.saved.value!.selection.bounds();
  const [feather, setFeather] = useState(8);
  const [left, setLeft] = useState(selected?.left ?? Math.round(width / 4));
  const [top, setTop] = useState(selected?.top ?? Math.round(height / 4));
  const [wide, setWide] = useState(selected?.width ?? Math.round(width / 2));
  const [high, setHigh] = useState(selected?.height ?? Math.round(height / 2));
  const act = (action: () => void) => () => {
    action();
    close();
  };
  return (
    <div class="menu">
      <button type="button" class="menu-item" onClick={act(() => selectAll(editor))}>
        Select all <kbd>Ctrl A</kbd>
      </button>
      <hr />
      <div class="menu-row">
        <NumberField
          label="Feather"
          unit="px"
          value={feather}
          min={1}
          max={maxFeather}
          onChange={(value) => setFeather(value ?? 1)}
        />
        <button
          type="button"
          class="inlay-button"
          disabled={!editor.hasSelection.value}
          onClick={act(() => void featherSelection(editor, feather))}
        >
          Feather
        </button>
      </div>
      <hr />
      <h3>Rectangle</h3>
      <div class="number-grid">
        <NumberField
          label="Left"
          value={left}
          min={0}
          max={width - 1}
          onChange={(value) => setLeft(value ?? 0)}
        />
        <NumberField
          label="Top"
          value={top}
          min={0}
          max={height - 1}
          onChange={(value) => setTop(value ?? 0)}
        />
        <NumberField
          label="Width"
          value={wide}
          min={1}
          max={width}
          onChange={(value) => setWide(value ?? 1)}
        />
        <NumberField
          label="Height"
          value={high}
          min={1}
          max={height}
          onChange={(value) => setHigh(value ?? 1)}
        />
      </div>
      <button
        type="button"
        class="inlay-button"
        onClick={act(() => selectRectangle(editor, { left, top, width: wide, height: high }))}
      >
        Select the rectangle
      </button>
    </div>
  );
}
