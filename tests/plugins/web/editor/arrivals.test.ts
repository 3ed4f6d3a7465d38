import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../../../engine/errors.ts';
import { showVariation } from '../../../../plugins/web/editor/edit-layers.ts';
import { cancelJob, resumeJob } from '../../../../plugins/web/editor/run-job.ts';
import { runExpand, runOnSelection, setMargins } from '../../../../plugins/web/editor/run-operations.ts';
import { Gate, type Script } from '../../../bridge/scripted-engine.ts';
import { until } from '../../../patience.ts';
import { loadPage, openBrowser, openEditor, pictureWithSelection } from './editor-fixture.ts';

const size = 8;

/** Small pictures and their masks, each as soon as its gate lets it through. */
function gated(gates: readonly Gate[]): Script {
  return async (task, { onResult }, signal) => {
    const isExpansion = task.operation === 'expand';
    const [width, height] = isExpansion ? [310, 260] : [size, size];
    const bounds = { left: isExpansion ? -10 : 4, top: isExpansion ? 0 : 4, width, height };
    for (const [index, gate] of gates.entries()) {
      await gate.pass(signal);
      const bytes = new Uint8Array(width * height * 4).fill(index + 1);
      onResult({ index, role: 'picture', seed: index, format: 'rgba8', bounds, content: { bytes } });
      if (isExpansion) continue;
      const mask = new Uint8Array(width * height).fill(255);
      onResult({ index, role: 'mask', format: 'gray8', bounds, content: { bytes: mask } });
    }
  };
}

test('the first variation is seen while the others are computed, and is one step with them in the end', async (context) => {
  const gates = [new Gate(), new Gate(), new Gate()];
  const editor = await openEditor(context, gated(gates));
  const before = editor.saved.value!;
  const job = runOnSelection(editor, 'remove');
  gates[0]!.open();
  await until(() => editor.layers.value.length === 1);
  assert.equal(editor.saved.value, before, 'nothing is committed yet');
  assert.equal(editor.document.value?.layers[0]?.variations.length, 1);
  assert.equal(editor.hasSelection.value, false, 'the selection does not hide it');
  assert.equal(editor.canUndo.value, false);
  gates[1]!.open();
  await until(() => editor.layers.value[0]?.variations.length === 2);
  showVariation(editor, editor.selectedLayer.value!, 1);
  gates[2]!.open();
  await job;
  assert.equal(editor.provisional.value, undefined);
  assert.equal(editor.saved.value?.layers[0]?.variations.length, 3);
  assert.equal(editor.saved.value?.layers[0]?.shown, 1, 'the one that was flipped to stays');
  editor.undo();
  assert.equal(editor.saved.value, before);
});

test('a job that is stopped keeps the variations that have arrived', async (context) => {
  const gates = [new Gate(), new Gate()];
  const editor = await openEditor(context, gated(gates));
  const before = editor.saved.value!;
  const job = runOnSelection(editor, 'fill');
  gates[0]!.open();
  await until(() => editor.provisional.value !== undefined);
  cancelJob(editor);
  await job;
  assert.equal(editor.saved.value?.layers[0]?.variations.length, 1);
  assert.equal(editor.isLocked.value, false);
  assert.match(editor.status.value, /kept/);
  editor.undo();
  assert.equal(editor.saved.value, before);
});

test('a job that fails halfway keeps what has arrived, and tells why there is no more', async (context) => {
  const gate = new Gate();
  const first = gated([gate]);
  const editor = await openEditor(context, async (task, events, signal) => {
    await first(task, events, signal);
    await until(() => editor.provisional.value !== undefined);
    throw new EngineError('out-of-memory', 'There is no room.', { hint: 'Select less.' });
  });
  const job = runOnSelection(editor, 'fill');
  gate.open();
  await job;
  assert.equal(editor.saved.value?.layers[0]?.variations.length, 1);
  assert.equal(editor.problem.value?.message, 'There is no room.');
  assert.equal(editor.problem.value?.retry, undefined);
});

test('an expansion is seen in place without the picture jumping', async (context) => {
  const gates = [new Gate(), new Gate()];
  const editor = await openEditor(context, gated(gates));
  editor.screen.value = { width: 800, height: 600 };
  editor.isFitted.value = false;
  editor.viewport.value = { scale: 2, origin: { x: 0, y: 0 } };
  editor.mode.value = 'expand';
  setMargins(editor, { left: 10, top: 0, right: 0, bottom: 0 });
  const job = runExpand(editor);
  gates[0]!.open();
  await until(() => editor.provisional.value !== undefined);
  assert.equal(editor.document.value?.size.width, 310);
  assert.equal(editor.mode.value, 'select');
  assert.deepEqual(editor.viewport.value.origin, { x: 10, y: 0 });
  gates[1]!.open();
  await job;
  assert.deepEqual(editor.viewport.value.origin, { x: 10, y: 0 });
  assert.equal(editor.saved.value?.layers[0]?.variations.length, 2);
});

test('a tab whose document is not kept notes no job for the next load', async (context) => {
  const gate = new Gate();
  const browser = await openBrowser(context, gated([gate]));
  const editor = await loadPage(context, browser, { isKept: false });
  editor.restore(pictureWithSelection());
  const job = runOnSelection(editor, 'fill');
  await until(() => editor.pending.value !== undefined);
  gate.open();
  await job;
  assert.equal(editor.saved.value?.layers.length, 1);
  assert.equal(browser.documents.kept, undefined);
  await resumeJob(await loadPage(context, browser));
  assert.equal(browser.bridge.engine.tasks.length, 1);
});
