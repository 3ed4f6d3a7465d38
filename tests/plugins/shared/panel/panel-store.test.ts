import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelInfo } from '../../../../engine/api.ts';
import { EngineError } from '../../../../engine/errors.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import type { Recipe } from '../../../../plugins/shared/panel/editor-host.ts';
import { startBridge } from '../../../bridge/bridge-fixture.ts';
import { echo, Gate, type Script, scriptedModels } from '../../../bridge/scripted-engine.ts';
import { until } from '../../../patience.ts';
import { MemoryStorage } from '../store/page-fixture.ts';
import { openPanel, untilOrder } from './panel-fixture.ts';

const checkpoint: ModelInfo = {
  name: 'paint',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  family: 'sd1',
  variant: 'base',
  origin: 'user',
  resolution: { width: 128, height: 96 },
};
const models = [...scriptedModels, checkpoint];

const recipe: Recipe = {
  operation: 'remove',
  request: { operation: 'remove', seed: 40, count: 1, resultArea: 'picture', output: { format: 'rgba8' } },
  place: { layer: 'earlier' },
  count: 3,
  createdAt: 0,
};

/** The first picture at once, the others when the gate opens. */
function halting(gate: Gate): Script {
  return async (task, events, signal) => {
    assert.ok('count' in task);
    await echo({ ...task, count: 1 }, events, signal);
    await gate.pass(signal);
    await echo(
      task,
      { ...events, onResult: (result) => result.index > 0 && events.onResult(result) },
      signal,
    );
  };
}

test('what is selected is filled: taken, run, put in its place, and kept in the history', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  assert.equal(panel.operation.value, 'fill');
  await panel.run();
  const [insertion] = host.insertions;
  assert.deepEqual(insertion?.place, { layer: 1 });
  assert.deepEqual(
    insertion?.results.map((pictures) => pictures.length),
    [3],
  );
  assert.deepEqual(panel.orders.orders.value, []);
  assert.deepEqual(panel.jobs.jobs.value, []);
  assert.equal(panel.status.value, 'Done: 3 pictures.');
  const [entry] = panel.history.entries.value;
  assert.equal(entry?.recipe.count, 3);
  assert.equal(entry?.documentName, 'Poster');
});

test('an order says what the fields say, and nothing of sizes and formats', async (context) => {
  const bridge = await startBridge(context, { models });
  const { panel } = openPanel(context, bridge);
  await panel.start();
  panel.prompts.change({ prompt: ' a kite ', negativePrompt: 'text', scheduler: 'gone', context: 'wide' });
  panel.prompts.change({ style: 'watercolour' });
  panel.fields.change({ count: 2, seed: 7 });
  assert.deepEqual(panel.order.value, {
    operation: 'fill',
    request: {
      operation: 'fill',
      prompt: 'a kite',
      negativePrompt: 'text',
      style: 'watercolour',
      context: 'wide',
      count: 2,
      seed: 7,
    },
    modelSide: 128,
  });
  panel.chooseOperation('expand');
  const margins = { left: 10, top: 0, right: 0, bottom: 0 };
  panel.fields.change({ margins });
  assert.deepEqual(panel.order.value.margins, margins);
  assert.equal('left' in panel.order.value.request, false);
  panel.chooseOperation('upscale');
  panel.fields.change({ scale: 4 });
  assert.deepEqual(panel.order.value, {
    operation: 'upscale',
    request: { operation: 'upscale', scale: 4 },
    scopeId: 'layer',
  });
  panel.fields.change({ upscaler: 'sharp-x4' });
  assert.deepEqual(panel.order.value.request, { operation: 'upscale', scale: 4, model: 'sharp-x4' });
  for (const upscaler of ['broken-x2', 'gone']) {
    panel.fields.change({ upscaler });
    assert.deepEqual(panel.order.value.request, { operation: 'upscale', scale: 4 }, upscaler);
  }
  panel.fields.change({ scopeId: 'document' });
  assert.equal(panel.order.value.scopeId, 'document');
});

test('what cannot be run says why, and is not run', async (context) => {
  const bridge = await startBridge(context, { models });
  const { panel, host } = openPanel(context, bridge);
  assert.match(panel.obstacle.value ?? '', /Waiting for Inlay/);
  await panel.start();
  panel.chooseOperation('vary');
  assert.equal(panel.obstacle.value, 'Select a layer first.');
  host.target.value = { offers: { ...host.target.value.offers, vary: {} } };
  assert.match(panel.obstacle.value ?? '', /what is to be seen/);
  panel.chooseOperation('expand');
  assert.match(panel.obstacle.value ?? '', /how far/);
  await panel.run();
  assert.match(panel.status.value, /how far/);
  assert.deepEqual(host.captured, []);
});

test('without a checkpoint, what draws from words says what is missing', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  host.target.value = { offers: { generate: {}, vary: {} } };
  panel.prompts.change({ prompt: 'a kite' });
  for (const operation of ['generate', 'vary'] as const) {
    panel.chooseOperation(operation);
    assert.match(panel.obstacle.value ?? '', /no model that draws from words/);
  }
});

test('the first operation is shown whether it can be run or not, until the user chooses one that the editor has', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  host.target.value = { offers: { fill: { reason: 'Select something.' }, upscale: {} } };
  assert.equal(panel.operation.value, 'fill');
  panel.chooseOperation('upscale');
  assert.equal(panel.operation.value, 'upscale');
  host.target.value = { offers: { remove: {} } };
  assert.equal(panel.operation.value, 'remove');
});

test('the server is asked what it would be like, again with every change, of all tasks together', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  host.taskCount = 2;
  await panel.start();
  await until(() => panel.estimates.outlook.value !== undefined);
  const outlook = panel.estimates.outlook.value;
  assert.ok(outlook?.state === 'known');
  assert.equal(outlook.questions.length, 2);
  assert.equal(outlook.estimate.durationMs, 3_000);
  panel.chooseOperation('vary');
  assert.equal(panel.estimates.outlook.value, undefined);
});

test('several orders wait in line, each with the pixels of its time', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, {
    script: async (task, events, signal) => {
      await gate.pass(signal);
      await echo(task, events, signal);
    },
  });
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  const first = panel.run();
  panel.chooseOperation('remove');
  const second = panel.run();
  await until(() => host.captured.length === 2);
  gate.open();
  await Promise.all([first, second]);
  assert.deepEqual(
    host.insertions.map(({ order, place }) => [order.operation, place]),
    [
      ['fill', { layer: 1 }],
      ['remove', { layer: 2 }],
    ],
  );
});

test('a mockup of several places is inserted once, with the pictures of each', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  host.taskCount = 3;
  await panel.start();
  panel.fields.change({ count: 2 });
  await panel.run();
  assert.equal(host.insertions.length, 1);
  assert.deepEqual(
    host.insertions[0]?.results.map((pictures) => pictures.length),
    [2, 2, 2],
  );
});

test('stopped, what has arrived is kept; cancelled, nothing is', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: halting(gate) });
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  const stopped = panel.run();
  const running = await untilOrder(panel, (order) => panel.orders.arrived(order).flat().length > 0);
  panel.orders.stop(running.id);
  await stopped;
  assert.deepEqual(
    host.insertions.map(({ results }) => results.map((pictures) => pictures.length)),
    [[1]],
  );
  const cancelled = panel.run();
  const next = await untilOrder(panel, (order) => panel.orders.arrived(order).flat().length > 0);
  panel.orders.discard(next.id);
  await cancelled;
  assert.equal(host.insertions.length, 1);
  assert.deepEqual(panel.orders.orders.value, []);
  assert.equal(panel.notice.value, undefined);
});

test('Escape stops the newest order, and keeps what has arrived of it', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: halting(gate) });
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  assert.equal(panel.escape(), false);
  const run = panel.run();
  await untilOrder(panel, (order) => panel.orders.arrived(order).flat().length > 0);
  assert.equal(panel.escape(), true);
  await run;
  assert.equal(host.insertions.length, 1);
});

test('given up while the pixels are taken, nothing is sent', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  let take = () => {};
  host.onCapture = () =>
    new Promise((resolve) => {
      take = resolve;
    });
  const run = panel.run();
  await until(() => host.captured.length === 1);
  assert.equal(panel.escape(), true);
  take();
  await run;
  assert.deepEqual([bridge.engine.tasks.length, panel.orders.orders.value.length], [0, 0]);
});

test('pixels that cannot be taken are told, and taken anew when it is tried again', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  host.onCapture = async () => {
    throw new ClientError({ code: 'busy', message: 'Another plugin is at work.', hint: 'Wait for it.' });
  };
  await panel.run();
  const [failed] = panel.orders.orders.value;
  assert.deepEqual([failed?.state, failed?.error?.hint], ['failed', 'Wait for it.']);
  host.onCapture = async () => {};
  await panel.orders.retry(failed!.id);
  assert.equal(host.insertions.length, 1);
});

test('a job that fails is told, and tried again with the same pixels', async (context) => {
  let isBroken = true;
  const bridge = await startBridge(context, {
    script: async (task, events, signal) => {
      if (isBroken) throw new EngineError('out-of-memory', 'Too large.', { hint: 'Select less.' });
      await echo(task, events, signal);
    },
  });
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  await panel.run();
  const [failed] = panel.orders.orders.value;
  assert.deepEqual([failed?.state, failed?.error?.message], ['failed', 'Too large.']);
  isBroken = false;
  await panel.orders.retry(failed!.id);
  assert.equal(host.captured.length, 1);
  assert.deepEqual(host.insertions[0]?.place, { layer: 1 });
  assert.deepEqual(panel.orders.orders.value, []);
});

test('a job that fails halfway keeps what has arrived, and says why there is no more', async (context) => {
  const bridge = await startBridge(context, {
    script: async (task, events, signal) => {
      assert.ok('count' in task);
      await echo({ ...task, count: 1 }, events, signal);
      throw new EngineError('out-of-memory', 'No room.', { hint: 'Select less.' });
    },
  });
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  await panel.run();
  assert.equal(host.insertions[0]?.results.flat().length, 1);
  assert.deepEqual(panel.notice.value, {
    message: 'Not all of it has come: No room.',
    hint: 'Select less.',
  });
});

test('pictures that the editor cannot take are kept, through a reload too, until they are inserted or discarded', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host, storage } = openPanel(context, bridge);
  await panel.start();
  const refuse = async () => {
    throw new ClientError({ code: 'closed', message: 'The document is closed.', hint: 'Open it again.' });
  };
  host.onInsert = refuse;
  await panel.run();
  const [kept] = panel.orders.orders.value;
  assert.deepEqual([kept?.state, kept?.error?.message], ['uninserted', 'The document is closed.']);
  panel.close();
  const next = openPanel(context, bridge, { storage });
  next.host.onInsert = refuse;
  await next.panel.start();
  const again = await untilOrder(next.panel, ({ state }) => state === 'uninserted');
  next.host.onInsert = async () => ({ note: 'It is on a layer of its own.' });
  await next.panel.orders.insertAgain(again.id);
  assert.equal(next.host.insertions[0]?.results.flat().length, 3);
  assert.equal(next.panel.notice.value?.message, 'It is on a layer of its own.');
  assert.equal(bridge.engine.tasks.length, 1);
  next.panel.close();
  const last = openPanel(context, bridge, { storage });
  await last.panel.start();
  assert.deepEqual(last.panel.orders.orders.value, []);
});

test('a panel loaded again in the middle puts the result where it belongs, without the pixels', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: halting(gate) });
  const { panel, host, storage } = openPanel(context, bridge);
  await panel.start();
  void panel.run();
  await untilOrder(panel, (order) => panel.orders.arrived(order).flat().length > 0);
  panel.close();
  const next = openPanel(context, bridge, { storage });
  await next.panel.start();
  await untilOrder(next.panel, ({ state }) => state === 'running');
  gate.open();
  await until(() => next.host.insertions.length > 0);
  assert.deepEqual(next.host.insertions[0]?.place, { layer: 1 });
  assert.equal(next.host.insertions[0]?.results.flat().length, 3);
  assert.deepEqual([host.insertions.length, next.host.captured.length], [0, 0]);
});

test('when the server has lost it meanwhile, the panel says so, and trying again takes the pixels anew', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: halting(gate) });
  const { panel, storage } = openPanel(context, bridge);
  await panel.start();
  void panel.run();
  await untilOrder(panel, ({ state }) => state === 'running');
  await until(() => bridge.engine.tasks.length === 1);
  panel.close();
  await bridge.server.close();
  const fresh = await startBridge(context, { home: bridge.home });
  const next = openPanel(context, fresh, { storage });
  await next.panel.start();
  const failed = await untilOrder(next.panel, ({ state }) => state === 'failed');
  assert.match(failed.error?.message ?? '', /closed before the picture had been sent/);
  await next.panel.orders.retry(failed.id);
  assert.equal(next.host.insertions[0]?.results.flat().length, 3);
});

test('two panels that share a storage do not take each other’s orders', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: halting(gate) });
  const storage = MemoryStorage.withToken(bridge.token);
  const first = openPanel(context, bridge, { storage, scope: 'file-a' });
  await first.panel.start();
  void first.panel.run();
  await untilOrder(first.panel, ({ state }) => state === 'running');
  const second = openPanel(context, bridge, { storage, scope: 'file-b' });
  await second.panel.start();
  assert.deepEqual(second.panel.orders.orders.value, []);
  gate.open();
  await until(() => first.host.insertions.length > 0);
});

test('more like a result goes on with the seeds in its place; a re-roll takes others; the same is the very same', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  panel.fields.change({ count: 2 });
  await panel.repeat(recipe, 'next');
  await panel.repeat(recipe, 'random');
  await panel.repeat(recipe, 'same');
  assert.deepEqual(
    host.captured.map(({ request, place }) => [request, place]),
    [
      [{ operation: 'remove', seed: 43, count: 2 }, recipe.place],
      [{ operation: 'remove', count: 2 }, recipe.place],
      [{ operation: 'remove', seed: 40, count: 3 }, recipe.place],
    ],
  );
  assert.equal(host.insertions.length, 3);
});

test('the seeds after the last one begin anew', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  const request = { ...recipe.request, seed: 2 ** 32 - 2 } as Recipe['request'];
  await panel.repeat({ ...recipe, request }, 'next');
  assert.deepEqual(host.captured[0]?.request, { operation: 'remove', seed: 1, count: 3 });
});

test('an edited result’s settings are in the fields, its style apart; orders go to its place until that is left', async (context) => {
  const bridge = await startBridge(context, { models });
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  panel.prompts.change({ prompt: 'a kite', style: 'ink' });
  panel.fields.change({ seed: 5 });
  await panel.run();
  const made = panel.history.entries.value[0]!.recipe;
  panel.prompts.change({ prompt: 'something else', negativePrompt: 'no', style: undefined });
  panel.fields.change({ seed: undefined });
  panel.edit(made);
  const { prompt, negativePrompt, style } = panel.prompts.settings.value;
  const { seed } = panel.fields.choices.value;
  assert.deepEqual([prompt, negativePrompt, style, seed], ['a kite', '', 'ink', 5]);
  // Whatever is selected now.
  host.target.value = { offers: { fill: { reason: 'Select something.' } } };
  panel.prompts.change({ prompt: 'a red kite' });
  await panel.run();
  assert.deepEqual(host.captured[1]?.place, made.place);
  assert.equal(panel.escape(), true);
  assert.equal(panel.obstacle.value, 'Select something.');
});

test('what was chosen is there at the next visit, and what is damaged is left', async (context) => {
  const bridge = await startBridge(context);
  const { panel, storage } = openPanel(context, bridge);
  await panel.start();
  panel.fields.change({ operation: 'remove', count: 5, scopeId: 'layer' });
  panel.close();
  const { panel: next } = openPanel(context, bridge, { storage });
  await next.start();
  const { operation, count, scopeId } = next.fields.choices.value;
  assert.deepEqual([operation, count, scopeId], ['remove', 5, undefined]);
  for (const kept of ['{"count":-1,"scale":7,"margins":{"left":"x"}}', 'no JSON', 'null']) {
    const damaged = new MemoryStorage();
    damaged.values.set('inlay.panel', kept);
    damaged.values.set('inlay.history', '[{"id":1},null]');
    damaged.values.set('inlay.pending-orders', '{"a":1}');
    const { panel: other } = openPanel(context, bridge, { storage: damaged });
    void other.start();
    await until(() => other.connection.status.value.state === 'unpaired');
    const choices = other.fields.choices.value;
    assert.deepEqual([choices.count, choices.scale, choices.margins.left], [3, 2, 0]);
    assert.deepEqual([other.history.entries.value, other.orders.orders.value], [[], []]);
  }
});

test('what was made is shown in the document, or it is said why not', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.reveal(recipe);
  assert.deepEqual(host.revealed, [recipe.place]);
  host.reveal = async () => {
    throw new ClientError({ code: 'gone', message: 'It was deleted.', hint: 'Run it again.' });
  };
  await panel.reveal(recipe);
  assert.deepEqual(panel.notice.value, { message: 'It was deleted.', hint: 'Run it again.' });
});
