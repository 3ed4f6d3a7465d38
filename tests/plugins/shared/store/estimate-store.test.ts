import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskEstimate } from '../../../../engine/api.ts';
import { EngineError } from '../../../../engine/errors.ts';
import {
  type EstimateQuestion,
  EstimateStore,
  type Outlook,
  settlingMs,
} from '../../../../plugins/shared/store/estimate-store.ts';
import { startBridge } from '../../../bridge/bridge-fixture.ts';
import { openPage } from './page-fixture.ts';

const fits: TaskEstimate = {
  outputWidth: 8,
  outputHeight: 8,
  contextBounds: { left: 0, top: 0, width: 8, height: 8 },
  steps: 1,
  durationMs: 1_000,
  memoryBytes: 1,
  availableBytes: 2,
  outcome: 'fits',
  savings: [],
};

/** A store on a server whose engine answers as it is told, and how often it was asked. */
async function openStore(context: TestContext, answer: (asked: number) => Promise<TaskEstimate>) {
  const bridge = await startBridge(context);
  const { connection } = openPage(context, bridge);
  await connection.start();
  let asked = 0;
  bridge.engine.estimate = () => answer(++asked);
  const store = new EstimateStore(connection);
  context.after(() => store.close());
  return { bridge, store, asked: () => asked };
}

function question(width: number, count = 1): readonly [EstimateQuestion] {
  return [
    {
      request: { operation: 'expand', left: 8, count },
      images: [{ role: 'source', format: 'rgba8', width, height: 8 }],
    },
  ];
}

async function untilOutlook(store: EstimateStore, isWanted: (outlook: Outlook) => boolean): Promise<Outlook> {
  for (;;) {
    const outlook = store.outlook.value;
    if (outlook !== undefined && isWanted(outlook)) return outlook;
    await delay(5);
  }
}

test('only the question that stays is asked, once', async (context) => {
  const { store, asked } = await openStore(context, async () => fits);
  for (let count = 1; count <= 5; count++) store.ask(question(8, count));
  const outlook = await untilOutlook(store, () => true);
  assert.ok(outlook.state === 'known');
  assert.deepEqual([outlook.questions, outlook.estimate.outcome], [question(8, 5), 'fits']);
  store.ask(question(8, 5));
  await delay(settlingMs + 50);
  assert.equal(asked(), 1);
});

test('while an engine computes, no heap of questions waits for it: the last one is asked when it has answered', async (context) => {
  let answerFirst = () => {};
  const first = new Promise<void>((resolve) => {
    answerFirst = resolve;
  });
  const { store, asked } = await openStore(context, async (count) => {
    if (count === 1) await first;
    return { ...fits, steps: count };
  });
  store.ask(question(8, 1));
  while (asked() === 0) await delay(5);
  for (const count of [2, 3]) {
    store.ask(question(8, count));
    await delay(settlingMs + 50);
  }
  assert.equal(asked(), 1);
  answerFirst();
  const outlook = await untilOutlook(store, () => true);
  assert.ok(outlook.state === 'known');
  assert.deepEqual([outlook.questions, outlook.estimate.steps], [question(8, 3), 2]);
});

test('the answer stays while a setting changes, and goes at once with the picture that it was about', async (context) => {
  const { store } = await openStore(context, async () => fits);
  store.ask(question(8));
  const first = await untilOutlook(store, () => true);
  store.ask(question(8, 2));
  assert.deepEqual([store.outlook.value, store.isStale.value], [first, true]);
  await untilOutlook(store, (outlook) => outlook !== first);
  assert.equal(store.isStale.value, false);
  store.ask(question(16));
  assert.equal(store.outlook.value, undefined);
  await untilOutlook(store, () => true);
  store.ask(undefined);
  assert.equal(store.outlook.value, undefined);
  await delay(settlingMs + 50);
  assert.equal(store.outlook.value, undefined);
});

test('what would not be run says why; without a connection there is nothing to say', async (context) => {
  const { bridge, store } = await openStore(context, async () => {
    throw new EngineError('image-too-large', 'Expected less.', { hint: 'Use less.' });
  });
  store.ask(question(8));
  const outlook = await untilOutlook(store, () => true);
  assert.ok(outlook.state === 'refused');
  assert.deepEqual([outlook.error.message, outlook.error.hint], ['Expected less.', 'Use less.']);
  await bridge.server.close();
  store.ask(question(16));
  await delay(settlingMs + 50);
  assert.equal(store.outlook.value, undefined);
});

test('several jobs take the time of all and the memory of the largest, and are as bad as the worst', async (context) => {
  const { store, asked } = await openStore(context, async (count) =>
    count === 1
      ? { ...fits, durationMs: 1_000, memoryBytes: 7, steps: 2 }
      : {
          ...fits,
          durationMs: 500,
          memoryBytes: 3,
          steps: 3,
          outcome: 'fits-with-savings',
          savings: ['tiled-vae'],
        },
  );
  store.ask([...question(8), ...question(16)]);
  const outlook = await untilOutlook(store, () => true);
  assert.ok(outlook.state === 'known');
  const { durationMs, memoryBytes, steps, outcome, savings } = outlook.estimate;
  assert.deepEqual(
    [durationMs, memoryBytes, steps, outcome, savings],
    [1_500, 7, 5, 'fits-with-savings', ['tiled-vae']],
  );
  assert.equal(asked(), 2);
});
