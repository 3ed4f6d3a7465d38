import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ModelInfo } from '../../../../engine/api.ts';
import { EngineError } from '../../../../engine/errors.ts';
import { settingsOf, wordsOf } from '../../../../plugins/shared/store/diffusion-settings.ts';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import { Selection } from '../../../../plugins/web/document/selection.ts';
import { enterMode } from '../../../../plugins/web/editor/commands.ts';
import type { EditorStore } from '../../../../plugins/web/editor/editor-store.ts';
import {
  newPictureSize,
  reuseSettings,
  runGenerate,
  runPrompt,
} from '../../../../plugins/web/editor/run-drawing.ts';
import { cancelJob, resumeJob } from '../../../../plugins/web/editor/run-job.ts';
import {
  primaryOperation,
  runMoreVariations,
  runOnSelection,
  setMargin,
} from '../../../../plugins/web/editor/run-operations.ts';
import { currentModel, takesWords } from '../../../../plugins/web/editor/words.ts';
import { Gate, type Script, scriptedModels, sourceOf } from '../../../bridge/scripted-engine.ts';
import { until } from '../../../patience.ts';
import { MemoryStorage } from '../../shared/store/page-fixture.ts';
import { type Browser, loadPage, openBrowser, pictureWithSelection } from './editor-fixture.ts';

const checkpoint: ModelInfo = {
  name: 'paint',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  family: 'sd1',
  variant: 'base',
  origin: 'user',
  resolution: { width: 128, height: 128 },
};
const size = { width: 96, height: 64 };

/** Pictures of one grey each: 100, 101, …. */
const grey: Script = async (task, { onResult }) => {
  assert.ok('seed' in task);
  const { width = 0, height = 0 } = task.operation === 'generate' ? task : sourceOf(task);
  for (let index = 0; index < task.count; index++) {
    const bytes = new Uint8Array(width * height * 4).fill(255);
    for (let i = 0; i < bytes.length; i += 4) bytes.fill(100 + index, i, i + 3);
    const bounds = { left: 0, top: 0, width, height };
    onResult({
      index,
      role: 'picture',
      seed: task.seed + index,
      format: 'rgba8',
      bounds,
      content: { bytes },
    });
  }
};

/** Black all over, as large as asked for. */
const expansion: Script = async (task, { onResult }) => {
  assert.ok(task.operation === 'expand');
  const { width = 0, height = 0 } = sourceOf(task);
  const bounds = {
    left: 0 - task.left,
    top: 0 - task.top,
    width: width + task.left + task.right,
    height: height + task.top + task.bottom,
  };
  const bytes = new Uint8Array(bounds.width * bounds.height * 4);
  onResult({ index: 0, role: 'picture', seed: task.seed, format: 'rgba8', bounds, content: { bytes } });
};

function openDrawingBrowser(context: TestContext, script: Script = grey): Promise<Browser> {
  return openBrowser(context, script, [...scriptedModels, checkpoint]);
}

async function openEditor(context: TestContext, script?: Script): Promise<EditorStore> {
  const editor = await loadPage(context, await openDrawingBrowser(context, script));
  editor.prompts.change({ prompt: ' a red house by: the sea ' });
  return editor;
}

function pixel(editor: EditorStore, left: number, top: number): readonly number[] {
  return [...flattened(editor.saved.value!, { left, top, width: 1, height: 1 }).data];
}

test('a picture from words begins a document, with its variations as a layer called by the prompt', async (context) => {
  const gate = new Gate();
  const editor = await openEditor(context, async (task, events, signal) => {
    await gate.pass(signal);
    await grey(task, events, signal);
  });
  const job = runGenerate(editor, size);
  await until(() => editor.jobs.jobs.value[0]?.state === 'running');
  assert.deepEqual(editor.document.value?.size, size, 'its place is seen');
  assert.ok(editor.saved.value === undefined, 'but nothing is there to keep');
  gate.open();
  await job;
  assert.equal(editor.problem.value, undefined);
  assert.equal(editor.blank.value, undefined);
  assert.equal(editor.document.value?.fileName, 'a red house by the sea.png');
  const layer = editor.selectedLayer.value!;
  assert.equal(layer.name, 'a red house by: the sea');
  assert.equal(layer.variations.length, 3);
  assert.deepEqual(pixel(editor, 95, 63), [100, 100, 100, 255]);
  assert.equal(editor.canUndo.value, false);
  assert.match(editor.status.value, /3 variations/);
  assert.deepEqual(editor.prompts.history.value, ['a red house by: the sea']);
});

test('it takes the place of the open picture, and undo brings that back', async (context) => {
  const editor = await openEditor(context);
  const before = pictureWithSelection();
  editor.restore(before);
  await runGenerate(editor, size);
  assert.deepEqual(editor.saved.value?.size, size);
  assert.equal(editor.saved.value?.layers.length, 1);
  editor.undo();
  assert.equal(editor.saved.value, before);
});

test('given up or failed, all is as before', async (context) => {
  const gate = new Gate();
  const editor = await openEditor(context, async (_task, _events, signal) => gate.pass(signal));
  for (const before of [undefined, pictureWithSelection()]) {
    if (before !== undefined) editor.restore(before);
    const job = runGenerate(editor, size);
    await until(() => editor.jobs.jobs.value.some(({ state }) => state === 'running'));
    cancelJob(editor);
    await job;
    assert.equal(editor.saved.value, before);
    assert.equal(editor.basis.value, before);
    assert.equal(editor.problem.value, undefined);
  }
  const failing = await openEditor(context, async () => {
    throw new EngineError('out-of-memory', 'Too large.', { hint: 'Draw it smaller.' });
  });
  await runGenerate(failing, size);
  assert.equal(failing.basis.value, undefined);
  assert.equal(failing.problem.value?.hint, 'Draw it smaller.');
  assert.equal(failing.problem.value?.retry?.request.operation, 'generate');
});

test('the page is loaded again in the middle, before there was any picture: the result comes all the same', async (context) => {
  const gate = new Gate();
  const browser = await openDrawingBrowser(context, async (task, events, signal) => {
    await gate.pass(signal);
    await grey(task, events, signal);
  });
  const first = await loadPage(context, browser);
  first.prompts.change({ prompt: 'a boat' });
  void runGenerate(first, size);
  await until(() => first.jobs.jobs.value[0]?.state === 'running');
  // A page that is loaded again does nothing more: what it would still write must not count.
  const storage = new MemoryStorage();
  for (const [key, value] of browser.storage.values) storage.values.set(key, value);
  first.connection.close();
  const second = await loadPage(context, { ...browser, storage });
  const resumed = resumeJob(second);
  await until(() => second.basis.value !== undefined);
  gate.open();
  await resumed;
  assert.equal(second.selectedLayer.value?.name, 'a boat');
  assert.equal(second.selectedLayer.value?.variations.length, 3);
});

test('more variations of it need no picture, and go on with the seeds', async (context) => {
  const editor = await openEditor(context);
  editor.runOptions.value = { count: 2, seed: 7 };
  await runGenerate(editor, size);
  await runMoreVariations(editor, editor.selectedLayer.value!);
  assert.deepEqual(
    editor.selectedLayer.value!.variations.map(({ request }) => wordsOf(request)?.seed),
    [7, 8, 9, 10],
  );
  assert.equal(editor.layers.value.length, 1);
  assert.deepEqual(editor.saved.value?.size, size);
});

test("a result's settings are set again, with its seed and size", async (context) => {
  const editor = await openEditor(context);
  editor.prompts.change({ negativePrompt: 'people', numInferenceSteps: 9, guidanceScale: 4.5 });
  await runGenerate(editor, size);
  const request = wordsOf(editor.selectedLayer.value!.variations[1]!.request)!;
  editor.prompts.change({ prompt: 'other', negativePrompt: '', numInferenceSteps: undefined });
  reuseSettings(editor, request);
  assert.deepEqual(editor.prompts.settings.value, settingsOf(request));
  assert.equal(editor.prompts.settings.value.numInferenceSteps, 9);
  assert.equal(editor.runOptions.value.seed, request.seed);
  assert.equal(editor.dialog.value, 'generate');
  assert.deepEqual(newPictureSize(editor, checkpoint), size);
  await runGenerate(editor, size);
  const again = wordsOf(editor.selectedLayer.value!.variations[0]!.request)!;
  assert.deepEqual({ ...again, count: 3 }, { ...request, count: 3 });
});

test('a model of an earlier visit that the server lacks is not asked for', async (context) => {
  const editor = await openEditor(context);
  editor.prompts.change({ model: 'gone' });
  assert.equal(currentModel(editor)?.name, 'paint');
  await runGenerate(editor, size);
  assert.equal(wordsOf(editor.selectedLayer.value!.variations[0]!.request)?.model, 'paint');
});

test('without a checkpoint nothing is offered, and without words nothing is drawn', async (context) => {
  const plain = await loadPage(context, await openBrowser(context));
  assert.equal(currentModel(plain), undefined);
  assert.equal(takesWords(plain), false);
  const editor = await openEditor(context);
  editor.prompts.change({ prompt: '  ' });
  await runGenerate(editor, size);
  assert.deepEqual(editor.jobs.jobs.value, []);
  assert.match(editor.status.value, /Say first/);
});

test('with a selection the prompt fills it; without a prompt it is filled from its surroundings, as ever', async (context) => {
  const browser = await openDrawingBrowser(context);
  const editor = await loadPage(context, browser);
  editor.restore(pictureWithSelection());
  assert.equal(primaryOperation(editor), 'remove');
  editor.prompts.change({ prompt: 'a boat', numInferenceSteps: 5, scheduler: 'gone', varyStrength: 0.3 });
  assert.equal(primaryOperation(editor), 'fill');
  await runPrompt(editor);
  assert.equal(editor.problem.value, undefined);
  const layer = editor.selectedLayer.value!;
  assert.equal(layer.name, 'a boat');
  const request = wordsOf(layer.variations[0]!.request)!;
  assert.ok(request.operation === 'fill');
  assert.deepEqual([request.model, request.numInferenceSteps, request.strength], ['paint', 5, 1]);
  assert.notEqual(request.scheduler, 'gone');
  assert.deepEqual(editor.prompts.history.value, ['a boat']);
  await runMoreVariations(editor, layer);
  assert.equal(editor.selectedLayer.value?.variations.length, 6);

  editor.undo();
  editor.undo();
  editor.prompts.change({ prompt: '' });
  await runOnSelection(editor, 'fill');
  assert.equal(editor.selectedLayer.value?.name, 'Fill 1');
  assert.equal(wordsOf(editor.selectedLayer.value!.variations[0]!.request), undefined);
  assert.equal(browser.bridge.engine.tasks.at(-1)?.operation, 'fill');
});

test('without a selection the prompt varies the whole picture, as a layer over it', async (context) => {
  const editor = await openEditor(context);
  const picture = pictureWithSelection();
  editor.restore({ ...picture, selection: Selection.empty(picture.size) });
  editor.prompts.change({ prompt: 'in winter', fillStrength: 0.2, varyStrength: 0.35 });
  await runPrompt(editor);
  assert.equal(editor.problem.value, undefined);
  const layer = editor.selectedLayer.value!;
  assert.deepEqual([layer.name, layer.operation, layer.variations.length], ['in winter', 'vary', 3]);
  assert.deepEqual(layer.bounds, { left: 0, top: 0, ...picture.size });
  const request = wordsOf(layer.variations[0]!.request)!;
  assert.equal(request.operation === 'vary' && request.strength, 0.35);
  assert.equal(settingsOf(request)?.varyStrength, 0.35);
  assert.deepEqual(pixel(editor, 0, 0), [100, 100, 100, 255]);
  reuseSettings(editor, request);
  assert.equal(editor.dialog.value, undefined);
});

test('expanding with a prompt draws the new parts; without one they continue what is there', async (context) => {
  const browser = await openDrawingBrowser(context, expansion);
  const editor = await loadPage(context, browser);
  const picture = pictureWithSelection();
  editor.restore(picture);
  enterMode(editor, 'expand');
  editor.prompts.change({ prompt: 'a beach', context: 'wide', workingSize: 'native', fillStrength: 0.3 });
  await runPrompt(editor);
  assert.deepEqual(editor.jobs.jobs.value, [], 'there is no room yet');
  assert.match(editor.status.value, /how far/);
  setMargin(editor, 'right', 40);
  await runPrompt(editor);
  assert.equal(editor.problem.value, undefined);
  assert.deepEqual(editor.saved.value?.size, { width: 340, height: 260 });
  const layer = editor.selectedLayer.value!;
  assert.equal(layer.name, 'a beach');
  const request = wordsOf(layer.variations[0]!.request)!;
  assert.ok(request.operation === 'expand');
  const { model, prompt, right, strength } = request;
  assert.deepEqual([model, prompt, right, strength], ['paint', 'a beach', 40, 1]);
  assert.deepEqual([request.context, request.workingSize], ['auto', 'native']);
  assert.deepEqual(editor.prompts.history.value, ['a beach']);
  assert.deepEqual(pixel(editor, 0, 0), [
    ...flattened(picture, { left: 0, top: 0, width: 1, height: 1 }).data,
  ]);

  enterMode(editor, 'expand');
  setMargin(editor, 'top', 8);
  editor.prompts.change({ prompt: '' });
  await runPrompt(editor);
  assert.equal(editor.selectedLayer.value?.name, 'Expand 2');
  assert.equal(wordsOf(editor.selectedLayer.value!.variations[0]!.request), undefined);
});
