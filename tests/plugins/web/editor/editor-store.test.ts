import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setLayerOpacity } from '../../../../plugins/web/editor/edit-layers.ts';
import { clearSelection, invertSelection, selectAll } from '../../../../plugins/web/editor/edit-selection.ts';
import { runOnSelection } from '../../../../plugins/web/editor/run-operations.ts';
import { Strokes } from '../../../../plugins/web/editor/strokes.ts';
import { openEditor } from './editor-fixture.ts';

const plain = { shift: false, alt: false, isPan: false };
const mouse = { id: 1, kind: 'mouse', pressure: 0.5 } as const;

test('a stroke is one step of undo, and none when it is given up', async (context) => {
  const editor = await openEditor(context);
  clearSelection(editor);
  const strokes = new Strokes(editor);
  strokes.beginStroke({ ...mouse, x: 20, y: 20 }, plain);
  strokes.extendStroke([{ ...mouse, x: 60, y: 20 }]);
  assert.equal(editor.hasSelection.value, true, 'it is seen while it is drawn');
  strokes.cancelStroke();
  assert.equal(editor.hasSelection.value, false);
  assert.equal(editor.undoLabel.value, 'Clear selection');
  strokes.beginStroke({ ...mouse, x: 20, y: 20 }, plain);
  strokes.extendStroke([{ ...mouse, x: 60, y: 20 }]);
  strokes.endStroke();
  assert.equal(editor.undoLabel.value, 'Brush');
  editor.undo();
  assert.equal(editor.hasSelection.value, false);
  editor.redo();
  assert.equal(editor.hasSelection.value, true);
});

test('strokes are drawn where the picture is seen', async (context) => {
  const editor = await openEditor(context);
  clearSelection(editor);
  editor.viewport.value = { scale: 2, origin: { x: 100, y: 50 } };
  editor.diameter.value = 10;
  const strokes = new Strokes(editor);
  strokes.beginStroke({ ...mouse, x: 40, y: 40 }, plain);
  strokes.endStroke();
  const bounds = editor.saved.value!.selection.bounds()!;
  assert.ok(Math.abs(bounds.left + bounds.width / 2 - 120) <= 1);
  assert.ok(Math.abs(bounds.top + bounds.height / 2 - 70) <= 1);
});

test('changes that change nothing are no steps', async (context) => {
  const editor = await openEditor(context);
  clearSelection(editor);
  clearSelection(editor);
  editor.undo();
  assert.equal(editor.hasSelection.value, true);
  assert.equal(editor.canUndo.value, false);
});

test('everything selected and inverted is nothing', async (context) => {
  const editor = await openEditor(context);
  selectAll(editor);
  invertSelection(editor);
  assert.equal(editor.hasSelection.value, false);
});

test("a slider's way is one step of undo", async (context) => {
  const editor = await openEditor(context);
  await runOnSelection(editor, 'fill');
  const [layer] = editor.layers.value;
  for (const opacity of [0.9, 0.5, 0.2]) setLayerOpacity(editor, layer!, opacity);
  assert.equal(editor.layers.value[0]?.opacity, 0.2);
  editor.undo();
  assert.equal(editor.layers.value[0]?.opacity, 1);
  editor.undo();
  assert.deepEqual(editor.layers.value, []);
});
