import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EnginePort } from '../../../../bridge/jobs/engine-port.ts';
import type { EngineTask, ModelInfo } from '../../../../engine/api.ts';
import { Selection } from '../../../../plugins/web/document/selection.ts';
import { enterMode } from '../../../../plugins/web/editor/commands.ts';
import type { EditorStore } from '../../../../plugins/web/editor/editor-store.ts';
import { followOutlook } from '../../../../plugins/web/editor/outlook.ts';
import { setMargin } from '../../../../plugins/web/editor/run-operations.ts';
import { scriptedModels } from '../../../bridge/scripted-engine.ts';
import { loadPage, openBrowser, pictureWithSelection } from './editor-fixture.ts';

const checkpoint: ModelInfo = {
  name: 'paint',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  family: 'sd1',
  variant: 'inpainting',
  origin: 'user',
};

interface Asked {
  readonly task: EngineTask;
  readonly maskBounds: unknown;
}

/** An editor that follows, with what its engine was asked. */
async function openEditor(context: TestContext) {
  const browser = await openBrowser(context, undefined, [...scriptedModels, checkpoint]);
  const engine: EnginePort = browser.bridge.engine;
  const asked: Asked[] = [];
  const answer = engine.estimate.bind(engine);
  engine.estimate = (task, options) => {
    asked.push({ task, maskBounds: options?.maskBounds });
    return answer(task, options);
  };
  const editor = await loadPage(context, browser);
  context.after(followOutlook(editor));
  return { editor, asked };
}

async function answered(editor: EditorStore): Promise<void> {
  while (editor.estimates.outlook.value === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a prompt for a selection asks about it, in its place; without words there is nothing to say', async (context) => {
  const { editor, asked } = await openEditor(context);
  editor.restore(pictureWithSelection());
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(asked.length, 0);
  editor.prompts.change({ prompt: 'a boat', context: 'whole' });
  await answered(editor);
  const [first] = asked;
  assert.ok(first?.task.operation === 'fill');
  assert.equal(first.task.diffusion?.context, 'whole');
  assert.deepEqual([first.task.source.width, first.task.source.height], [300, 260]);
  assert.deepEqual(first.maskBounds, { left: 100, top: 90, width: 40, height: 30 });
  editor.prompts.change({ prompt: '' });
  assert.equal(editor.estimates.outlook.value, undefined);
});

test('so do variations, expansions that have margins, and new pictures', async (context) => {
  const { editor, asked } = await openEditor(context);
  const picture = pictureWithSelection();
  editor.restore({ ...picture, selection: Selection.empty(picture.size) });
  editor.prompts.change({ prompt: 'in winter' });
  await answered(editor);
  enterMode(editor, 'expand');
  assert.equal(editor.estimates.outlook.value, undefined);
  setMargin(editor, 'left', 40);
  await answered(editor);
  enterMode(editor, 'select');
  editor.dialog.value = 'generate';
  await answered(editor);
  assert.deepEqual(
    asked.map(({ task }) => task.operation),
    ['vary', 'expand', 'generate'],
  );
});
