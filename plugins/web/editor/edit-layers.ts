/** Changes of the layers. Each can be undone; a slider's way, or variations flipped through, as one step. */
import type { Layer } from '../document/layer.ts';
import { moveLayer, removeLayer, updateLayer } from '../document/picture-document.ts';
import type { EditorStore } from './editor-store.ts';

type LayerChange = Partial<Pick<Layer, 'name' | 'opacity' | 'isVisible' | 'shown'>>;

interface Step {
  readonly label: string;
  readonly mergeKey?: string;
}

function update(
  editor: EditorStore,
  { id, change, ...step }: Step & { id: string; change: LayerChange },
): void {
  const document = editor.saved.value;
  if (document === undefined || editor.isLocked.value) return;
  editor.commit(updateLayer(document, id, change), step);
}

export function showVariation(editor: EditorStore, layer: Layer, shown: number): void {
  const count = layer.variations.length;
  const wrapped = ((shown % count) + count) % count;
  if (wrapped === layer.shown) return;
  const arrived = editor.provisional.value;
  if (arrived !== undefined) {
    editor.provisional.value = updateLayer(arrived, layer.id, { shown: wrapped });
    return;
  }
  const step = { label: 'Show variation', mergeKey: `variation ${layer.id}` };
  update(editor, { id: layer.id, change: { shown: wrapped }, ...step });
}

export function setLayerVisible(editor: EditorStore, { id }: Layer, isVisible: boolean): void {
  update(editor, { id, change: { isVisible }, label: isVisible ? 'Show layer' : 'Hide layer' });
}

/** @param opacity 0..1 */
export function setLayerOpacity(editor: EditorStore, { id }: Layer, opacity: number): void {
  update(editor, { id, change: { opacity }, label: 'Opacity', mergeKey: `opacity ${id}` });
}

export function renameLayer(editor: EditorStore, { id, name }: Layer, to: string): void {
  const trimmed = to.trim();
  if (trimmed !== '' && trimmed !== name)
    update(editor, { id, change: { name: trimmed }, label: 'Rename layer' });
}

export function deleteLayer(editor: EditorStore, { id, name }: Layer): void {
  const document = editor.saved.value;
  if (document === undefined || editor.isLocked.value) return;
  editor.commit(removeLayer(document, id), { label: 'Delete layer' });
  editor.status.value = `Deleted ${name}. Undo brings it back.`;
}

/** One place up (+1) or down (-1). */
export function shiftLayer(editor: EditorStore, { id }: Layer, by: 1 | -1): void {
  const document = editor.saved.value;
  const index = document?.layers.findIndex((layer) => layer.id === id) ?? -1;
  const target = index + by;
  if (document === undefined || editor.isLocked.value || index < 0) return;
  if (target < 0 || target >= document.layers.length) return;
  editor.commit(moveLayer(document, id, target), { label: 'Move layer' });
}
