import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pressComparison } from '../../../../plugins/web/editor/comparison.ts';
import { runOnSelection } from '../../../../plugins/web/editor/run-operations.ts';
import { openEditor } from './editor-fixture.ts';

test('a short press leaves before and after side by side, the next one ends that', async (context) => {
  const editor = await openEditor(context);
  await runOnSelection(editor, 'fill');
  pressComparison(editor)();
  assert.equal(editor.split.value, 0.5);
  pressComparison(editor)();
  assert.equal(editor.split.value, undefined);
});

test('a long press shows the original alone until it ends', async (context) => {
  const editor = await openEditor(context);
  await runOnSelection(editor, 'fill');
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const release = pressComparison(editor);
  context.mock.timers.tick(1_000);
  assert.equal(editor.split.value, 1);
  release();
  assert.equal(editor.split.value, undefined);
});

test('without a layer there is nothing to compare', async (context) => {
  const editor = await openEditor(context);
  pressComparison(editor)();
  assert.equal(editor.split.value, undefined);
});
