import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../../../engine/errors.ts';
import { contextBounds } from '../../../../plugins/shared/picture/context.ts';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import { showVariation } from '../../../../plugins/web/editor/edit-layers.ts';
import { clearSelection, selectAll } from '../../../../plugins/web/editor/edit-selection.ts';
import type { EditorStore } from '../../../../plugins/web/editor/editor-store.ts';
import { cancelJob, resumeJob, startJob } from '../../../../plugins/web/editor/run-job.ts';
import {
  offers,
  primaryOperation,
  runExpand,
  runMoreVariations,
  runOnSelection,
  runUpscale,
} from '../../../../plugins/web/editor/run-operations.ts';
import { echo, Gate, type Script, sourceOf } from '../../../bridge/scripted-engine.ts';
import { until } from '../../../patience.ts';
import { MemoryStorage } from '../../shared/store/page-fixture.ts';
import {
  loadPage,
  MemoryDocuments,
  openBrowser,
  openEditor,
  pictureWithSelection,
} from './editor-fixture.ts';

/** Pictures of one grey each: 200, 201, …, as large as the operation makes them. */
const grey: Script = async (task, { onResult }) => {
  const { width = 0, height = 0 } = sourceOf(task);
  const bounds = boundsAfter(task, { width, height });
  for (let index = 0; index < countOf(task); index++) {
    const bytes = new Uint8Array(bounds.width * bounds.height * 4).fill(255);
    for (let i = 0; i < bytes.length; i += 4) bytes.fill(200 + index, i, i + 3);
    const seed = 'seed' in task ? { seed: task.seed + index } : {};
    onResult({ index, role: 'picture', ...seed, format: 'rgba8', bounds, content: { bytes } });
  }
};

type Task = Parameters<Script>[0];

function countOf(task: Task): number {
  return 'count' in task ? task.count : 1;
}

function boundsAfter(task: Task, { width, height }: { readonly width: number; readonly height: number }) {
  if (task.operation === 'expand') {
    const { left, right, top, bottom } = task;
    return { left: -left, top: -top, width: width + left + right, height: height + top + bottom };
  }
  const scale = task.operation === 'upscale' && 'scale' in task.target ? task.target.scale : 1;
  return { left: 0, top: 0, width: width * scale, height: height * scale };
}

function pixel(editor: EditorStore, left: number, top: number): readonly number[] {
  return [...flattened(editor.saved.value!, { left, top, width: 1, height: 1 }).data];
}

test('a filled selection becomes a layer, and every pixel outside of it stays as it was', async (context) => {
  const editor = await openEditor(context, grey);
  const before = flattened(editor.saved.value!);
  const { selection } = editor.saved.value!;
  await runOnSelection(editor, 'fill');
  assert.equal(editor.problem.value, undefined);
  assert.equal(editor.hasSelection.value, false, 'the selection is put away');
  assert.equal(editor.selectedLayer.value?.name, 'Fill 1');
  assert.equal(editor.selectedLayer.value?.variations.length, 3);
  const after = flattened(editor.saved.value!);
  for (let y = 0; y < after.height; y++) {
    for (let x = 0; x < after.width; x++) {
      const at = (y * after.width + x) * 4;
      const expected =
        selection.value(x, y) === 255 ? [200, 200, 200, 255] : [...before.data.subarray(at, at + 4)];
      if (expected.some((value, channel) => after.data[at + channel] !== value)) {
        assert.deepEqual([x, y, ...after.data.subarray(at, at + 4)], [x, y, ...expected]);
      }
    }
  }
  editor.undo();
  assert.equal(editor.hasSelection.value, true, 'undo brings it back');
  assert.deepEqual(editor.layers.value, []);
});

test('only the surroundings of the selection travel, and the task says where they are from', async (context) => {
  const browser = await openBrowser(context, grey);
  const editor = await loadPage(context, browser);
  editor.restore(pictureWithSelection());
  await runOnSelection(editor, 'remove');
  const area = contextBounds(
    { left: 100, top: 90, width: 40, height: 30 },
    { canvas: { width: 300, height: 260 } },
  );
  const [task] = browser.bridge.engine.tasks;
  assert.equal(task?.operation, 'remove');
  assert.deepEqual([task?.source.width, task?.source.height], [area.width, area.height]);
  const { left, top } = editor.selectedLayer.value!.bounds;
  assert.deepEqual({ left, top }, { left: area.left, top: area.top });
});

test('variations are flipped through as one step, and more of them go on with the seeds', async (context) => {
  const editor = await openEditor(context, grey);
  editor.runOptions.value = { count: 2, seed: 10 };
  await runOnSelection(editor, 'fill');
  const layer = () => editor.selectedLayer.value!;
  for (let i = 0; i < 3; i++) showVariation(editor, layer(), layer().shown + 1);
  assert.equal(layer().shown, 1, 'round and round');
  assert.deepEqual(pixel(editor, 110, 100), [201, 201, 201, 255]);
  editor.undo();
  assert.equal(layer().shown, 0);
  await runMoreVariations(editor, layer());
  assert.deepEqual(
    layer().variations.map(({ request }) => 'seed' in request && request.seed),
    [10, 11, 12, 13],
  );
  assert.equal(layer().shown, 2, 'the first of the new ones is seen');
  assert.equal(editor.layers.value.length, 1);
});

test('an expansion leaves the bytes of the picture alone', async (context) => {
  const editor = await openEditor(context, grey);
  const before = flattened(editor.saved.value!);
  editor.margins.value = { left: 7, top: 0, right: 3, bottom: 5 };
  await runExpand(editor);
  assert.deepEqual(editor.saved.value?.size, { width: 310, height: 265 });
  const inside = flattened(editor.saved.value!, { left: 7, top: 0, width: 300, height: 260 });
  assert.deepEqual(inside.data, before.data);
  assert.deepEqual(pixel(editor, 6, 0), [200, 200, 200, 255]);
  assert.deepEqual(pixel(editor, 100, 260), [200, 200, 200, 255]);
  assert.deepEqual(editor.saved.value?.selection.bounds(), { left: 107, top: 90, width: 40, height: 30 });
  await runMoreVariations(editor, editor.selectedLayer.value!);
  assert.equal(editor.selectedLayer.value?.variations.length, 6);
});

test('of an expansion only the new strip is kept, also of further variations, and when the canvas has grown again', async (context) => {
  /** Each pixel tells its place in the source. */
  const places: Script = async (task, { onResult }) => {
    const { width = 0, height = 0 } = sourceOf(task);
    const bounds = boundsAfter(task, { width, height });
    const bytes = new Uint8Array(bounds.width * bounds.height * 4).fill(255);
    for (let i = 0; i < bounds.width * bounds.height; i++) {
      bytes[4 * i] = (bounds.left + (i % bounds.width)) & 255;
      bytes[4 * i + 1] = (bounds.top + Math.floor(i / bounds.width)) & 255;
      bytes[4 * i + 2] = countOf(task);
    }
    onResult({ index: 0, role: 'picture', format: 'rgba8', bounds, content: { bytes } });
  };
  const editor = await openEditor(context, places);
  editor.margins.value = { left: 0, top: 0, right: 9, bottom: 0 };
  await runExpand(editor);
  const [layer] = editor.layers.value;
  assert.deepEqual(layer?.bounds, { left: 300, top: 0, width: 9, height: 260 });
  assert.equal(layer.variations[0]?.raster.width, 9);
  assert.deepEqual(pixel(editor, 302, 5), [302 & 255, 5, 3, 255]);

  editor.margins.value = { left: 4, top: 6, right: 0, bottom: 0 };
  await runExpand(editor);
  assert.deepEqual(pixel(editor, 306, 11), [302 & 255, 5, 3, 255], 'moved along');
  assert.deepEqual(pixel(editor, 1, 2), [-3 & 255, -4 & 255, 3, 255]);
  editor.runOptions.value = { count: 1 };
  await runMoreVariations(editor, editor.layers.value[0]!);
  const [grown] = editor.layers.value;
  assert.equal(grown?.shown, 1);
  assert.equal(grown.variations[1]?.raster.width, 9);
  assert.deepEqual(pixel(editor, 306, 11), [302 & 255, 5, 1, 255], 'made of the picture that was there');
});

test('an upscale takes the place of the picture, and undo brings it back', async (context) => {
  const editor = await openEditor(context, grey);
  await runUpscale(editor, { scale: 2 });
  assert.deepEqual(editor.saved.value?.size, { width: 600, height: 520 });
  assert.deepEqual(editor.layers.value, []);
  editor.undo();
  assert.deepEqual(editor.saved.value?.size, { width: 300, height: 260 });
});

test('nothing changes the document while a job runs; cancelled, all is as before', async (context) => {
  const gate = new Gate();
  const editor = await openEditor(context, async (_task, _events, signal) => gate.pass(signal));
  const before = editor.saved.value;
  const job = runOnSelection(editor, 'fill');
  await until(() => editor.jobs.jobs.value[0]?.state === 'running');
  clearSelection(editor);
  editor.undo();
  await startJob(editor, { request: { operation: 'upscale', scale: 2 } });
  assert.equal(editor.saved.value, before);
  assert.equal(editor.activeTool, 'hand', 'the picture can be moved meanwhile');
  cancelJob(editor);
  await job;
  assert.equal(editor.saved.value, before);
  assert.equal(editor.problem.value, undefined);
  assert.equal(editor.pending.value, undefined);
  assert.deepEqual(editor.jobs.jobs.value, []);
});

test('a failure is told with what to do, keeps the selection, and can be tried again', async (context) => {
  let fails = true;
  const editor = await openEditor(context, async (task, events, signal) => {
    if (fails) throw new EngineError('out-of-memory', 'The picture is too large.', { hint: 'Select less.' });
    await echo(task, events, signal);
  });
  await runOnSelection(editor, 'fill');
  const problem = editor.problem.value;
  assert.match(problem?.message ?? '', /too large/);
  assert.equal(problem?.hint, 'Select less.');
  assert.equal(editor.hasSelection.value, true);
  fails = false;
  await startJob(editor, problem!.retry!);
  assert.equal(editor.problem.value, undefined);
  assert.equal(editor.layers.value.length, 1);
});

test('a page loaded again in the middle of a job puts its result in place', async (context) => {
  const gate = new Gate();
  const browser = await openBrowser(context, async (task, events, signal) => {
    await gate.pass(signal);
    await grey(task, events, signal);
  });
  const first = await loadPage(context, browser);
  first.restore(pictureWithSelection());
  await browser.documents.save(first.saved.value!);
  void runOnSelection(first, 'fill');
  await until(() => first.jobs.jobs.value[0]?.state === 'running');
  // A page that is loaded again does nothing more: what it would still write must not count.
  const storage = new MemoryStorage();
  for (const [key, value] of browser.storage.values) storage.values.set(key, value);
  const documents = new MemoryDocuments();
  documents.kept = browser.documents.kept;
  const kept = { bridge: browser.bridge, storage, documents };
  first.connection.close();
  const second = await loadPage(context, kept);
  second.restore((await documents.load())!);
  const resumed = resumeJob(second);
  await until(() => second.pending.value !== undefined);
  gate.open();
  await resumed;
  assert.deepEqual(pixel(second, 110, 100), [200, 200, 200, 255]);
  assert.equal(browser.bridge.engine.tasks.length, 1, 'it was computed once');
  assert.equal(documents.kept, second.saved.value, 'and is kept');
  const third = await loadPage(context, kept);
  third.restore((await documents.load())!);
  await resumeJob(third);
  assert.equal(third.layers.value.length, 1, 'nothing is left to resume');
});

test('the page offers what the server can do, the most wanted first', async (context) => {
  const editor = await openEditor(context);
  assert.equal(offers(editor, 'remove'), true);
  assert.equal(primaryOperation(editor), 'remove');
});

test('without a selection nothing is sent, and the user is told', async (context) => {
  const browser = await openBrowser(context);
  const editor = await loadPage(context, browser);
  editor.restore(pictureWithSelection());
  clearSelection(editor);
  await runOnSelection(editor, 'fill');
  assert.deepEqual(browser.bridge.engine.tasks, []);
  assert.match(editor.status.value, /Select something first/);
});

test('with all of the picture selected nothing is sent, and the user is told what to do', async (context) => {
  const browser = await openBrowser(context);
  const editor = await loadPage(context, browser);
  editor.restore(pictureWithSelection());
  selectAll(editor);
  await runOnSelection(editor, 'remove');
  assert.deepEqual(browser.bridge.engine.tasks, []);
  assert.match(editor.problem.value?.message ?? '', /nothing is left/);
  assert.match(editor.problem.value?.hint ?? '', /brush only/);
});
