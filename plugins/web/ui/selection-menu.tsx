import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Bounds, boundsOf, cornersOf, intersect } from '../../shared/picture/geometry.ts';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { featherSelection, selectAll, selectRectangle } from '../editor/edit-selection.ts';
import { useEditor, usePageActions } from './editor-context.ts';
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
  const page = usePageActions();
  const { NumberField } = useWidgets();
  const [feather, setFeather] = useState(8);
  const act = (action: () => void) => {
    action();
    close();
    // What is selected is wanted for something: Enter runs it there.
    page.focusPicture();
  };
  return (
    <div class="menu">
      <button type="button" class="menu-item" onClick={() => act(() => selectAll(editor))}>
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
          onClick={() => act(() => void featherSelection(editor, feather))}
        >
          Feather
        </button>
      </div>
      <hr />
      <RectangleForm onSelect={(bounds) => act(() => selectRectangle(editor, bounds))} />
    </div>
  );
}

/** A rectangle by numbers, seen on the picture while they change. */
function RectangleForm({ onSelect }: { readonly onSelect: (bounds: Bounds) => void }): JSX.Element {
  const editor = useEditor();
  const { NumberField } = useWidgets();
  const { size, selection } = editor.basis.value!;
  const { width, height } = size;
  const bounds = useSignal<Bounds>(
    selection.bounds() ?? {
      left: Math.round(width / 4),
      top: Math.round(height / 4),
      width: Math.round(width / 2),
      height: Math.round(height / 2),
    },
  );
  useEffect(
    () => () => {
      editor.outline.value = [];
    },
    [editor],
  );
  const field = (
    name: keyof Bounds,
    label: string,
    limits: { readonly min: number; readonly max: number },
  ) => (
    <NumberField
      label={label}
      value={bounds.value[name]}
      {...limits}
      onChange={(value) => {
        bounds.value = { ...bounds.value, [name]: value ?? limits.min };
        editor.outline.value = cornersOf(intersect(bounds.value, boundsOf(size)));
      }}
    />
  );
  const submit = (event: Event) => {
    event.preventDefault();
    onSelect(bounds.value);
  };
  return (
    <form class="menu" aria-label="Rectangle" onSubmit={submit}>
      <h3>Rectangle</h3>
      <div class="number-grid">
        {field('left', 'Left', { min: 0, max: width - 1 })}
        {field('top', 'Top', { min: 0, max: height - 1 })}
        {field('width', 'Width', { min: 1, max: width })}
        {field('height', 'Height', { min: 1, max: height })}
      </div>
      <button type="submit" class="inlay-button">
        Select the rectangle
      </button>
    </form>
  );
}
