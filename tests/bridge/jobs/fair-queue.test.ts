import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BridgeError } from '../../../bridge/errors.ts';
import { FairQueue } from '../../../bridge/jobs/fair-queue.ts';

interface Item {
  readonly id: string;
  readonly clientId: string;
}

const item = (clientId: string, id: string): Item => ({ clientId, id });
const never = new AbortController().signal;

function queue(maxQueuedJobs = 100, maxQueuedJobsPerClient = 100): FairQueue<Item> {
  return new FairQueue({ maxQueuedJobs, maxQueuedJobsPerClient });
}

test('[J3] a newcomer is next, however many jobs another client has waiting', async () => {
  const jobs = queue();
  for (let index = 0; index < 50; index++) jobs.add(item('busy', `${index}`));
  assert.equal((await jobs.take(never)).id, '0');
  jobs.add(item('new', 'only'));
  assert.equal((await jobs.take(never)).id, 'only');
  assert.equal((await jobs.take(never)).id, '1');
});

test('[J3] clients take turns, each in its own order', async () => {
  const jobs = queue();
  for (const [clientId, id] of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'].map(
    (id) => [id.slice(0, 1), id] as const,
  )) {
    jobs.add(item(clientId, id));
  }
  const order: string[] = [];
  while (order.length < 6) order.push((await jobs.take(never)).id);
  assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
});

test('[J3] the told order is the order in which jobs are taken, whatever came and went before', async () => {
  const action = fc.record({
    client: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('add', 'add', 'take', 'remove'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const jobs = queue();
      for (const [index, { client, what }] of actions.entries()) {
        const waiting = jobs.inOrder();
        if (what === 'add') jobs.add(item(client, `${index}`));
        else if (what === 'take' && waiting.length > 0) await jobs.take(never);
        else if (waiting.length > 0) assert.equal(jobs.remove(waiting[index % waiting.length]!), true);
      }
      const told = jobs.inOrder();
      const taken: Item[] = [];
      while (taken.length < told.length) taken.push(await jobs.take(never));
      assert.deepEqual(taken, told);
    }),
  );
});

test('[L6] it is bounded for each client and in all', () => {
  const isFull = (error: unknown) => error instanceof BridgeError && error.code === 'too-many-jobs';
  const jobs = queue(3, 2);
  jobs.add(item('a', '1'));
  jobs.add(item('a', '2'));
  assert.throws(() => jobs.add(item('a', '3')), isFull);
  jobs.add(item('b', '1'));
  assert.throws(() => jobs.add(item('b', '2')), isFull);
  assert.equal(jobs.inOrder().length, 3);
});

test('a taker waits for a job, and is let go when its signal aborts', async () => {
  const jobs = queue();
  const late = jobs.take(never);
  const added = item('a', '1');
  jobs.add(added);
  assert.equal(await late, added);
  assert.equal(jobs.remove(added), false);
  const controller = new AbortController();
  const waiting = jobs.take(controller.signal);
  controller.abort();
  await assert.rejects(waiting);
  await assert.rejects(jobs.take(controller.signal));
});
