/** Changes of the selection that need no gesture. Each can be undone. */

import { type Bounds, boundsOf } from '../../shared/picture/geometry.ts';
import { blurMask } from '../canvas/blur-mask.ts';
import { withSelection } from '../document/picture-document.ts';
import { Selection } from '../document/selection.ts';
import type { EditorStore } from './editor-store.ts';

/** Puts the selection in place, as one step called `label`. Nothing happens while a job runs. */
export function commitSelection(
  editor: EditorStore,
  { selection, label }: { readonly selection: Selection; readonly label: string },
): void {
  const document = editor.saved.value;
  editor.draw(undefined);
  if (document === undefined || editor.isLocked.value || selection === document.selection) return;
  if (selection.isEmpty && document.selection.isEmpty) return;
  editor.commit(withSelection(document, selection), { label });
}

function change(editor: EditorStore, label: string, to: (selection: Selection) => Selection): void {
  const selection = editor.saved.value?.selection;
  if (selection !== undefined) commitSelection(editor, { selection: to(selection), label });
}

export function selectAll(editor: EditorStore): void {
  change(editor, 'Select all', (selection) => selection.withRectangle(boundsOf(selection.size), 'replace'));
}

export function clearSelection(editor: EditorStore): void {
  change(editor, 'Clear selection', ({ size }) => Selection.empty(size));
}

export function invertSelection(editor: EditorStore): void {
  change(editor, 'Invert', (selection) => selection.inverted());
}

/** More than this many pixels are blurred apart from the page, which would stand still for it. */
const maxPixelsAtOnce = 2 ** 20;

export async function featherSelection(editor: EditorStore, radiusPx: number): Promise<void> {
  const selection = editor.saved.value?.selection;
  const area = selection?.featheredArea(radiusPx);
  if (!selection || !area || editor.isLocked.value) return;
  if (area.width * area.height <= maxPixelsAtOnce) {
    change(editor, 'Feather', () => selection.feathered(radiusPx));
    return;
  }
  editor.busy.value = 'Feathering…';
  let feathered = selection;
  try {
    const mask = await blurMask({ mask: selection.crop(area), size: area, radiusPx });
    feathered = Selection.fromMask(mask, area, selection.size);
  } catch (error) {
    editor.report({
      message: (error as Error).message,
      hint: 'Close other tabs to free memory, and try again.',
    });
  } finally {
    editor.busy.value = undefined;
  }
  commitSelection(editor, { selection: feathered, label: 'Feather' });
}

/** By numbers, for those who do not draw. */
export function selectRectangle(editor: EditorStore, bounds: Bounds): void {
  change(editor, 'Rectangle', (selection) => selection.withRectangle(bounds, editor.selectionMode.value));
}

/** A layer's mask as the selection. */
export function selectLayerMask(editor: EditorStore, layerId: string): void {
  const layer = editor.layers.value.find(({ id }) => id === layerId);
  if (layer === undefined) return;
  change(editor, 'Select layer', ({ size }) => Selection.fromMask(layer.mask, layer.bounds, size));
}
