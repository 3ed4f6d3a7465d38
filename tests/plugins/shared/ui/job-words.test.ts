import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobEntry } from '../../../../plugins/shared/store/job-store.ts';
import { describeJob, describeTimeLeft, fractionDone } from '../../../../plugins/shared/ui/job-words.ts';

function entry(change: Partial<JobEntry>): JobEntry {
  const request = { operation: 'fill' } as const;
  return { id: 'a', operation: 'fill', request, state: 'running', pictures: [], submittedAt: 0, ...change };
}

test('what a job is doing is said in words', () => {
  const words = [
    entry({ state: 'preparing' }),
    entry({ state: 'uploading' }),
    entry({ state: 'queued', position: 0 }),
    entry({ state: 'queued', position: 1 }),
    entry({ state: 'queued', position: 5 }),
    entry({}),
    entry({ progress: { phase: 'filling', step: 0, steps: 3 } }),
    entry({ progress: { phase: 'a phase of a later version', step: 0, steps: 3 } }),
    entry({ state: 'done' }),
  ].map(describeJob);
  assert.deepEqual(words, [
    'Preparing',
    'Sending the picture',
    'Waiting, next in line',
    'Waiting, 1 job before this one',
    'Waiting, 5 jobs before this one',
    'Starting',
    'Filling',
    'Working',
    'Done',
  ]);
});

test('how much is done is told of a running job only, from 0 to 1', () => {
  const progress = (step: number, steps: number) => entry({ progress: { phase: 'filling', step, steps } });
  assert.equal(fractionDone(progress(0, 4)), 0);
  assert.equal(fractionDone(progress(1, 4)), 0.25);
  assert.equal(fractionDone(progress(5, 4)), 1);
  assert.equal(fractionDone(progress(0, 0)), undefined);
  assert.equal(fractionDone(entry({})), undefined);
  assert.equal(fractionDone({ ...progress(1, 4), state: 'queued' }), undefined);
  assert.equal(fractionDone({ ...progress(1, 4), state: 'done' }), 1);
});

test('the time left is rounded so that it can be read', () => {
  const left = (etaMs: number) =>
    describeTimeLeft(entry({ progress: { phase: 'filling', step: 1, steps: 2, etaMs } }));
  assert.equal(left(999), undefined);
  assert.equal(left(1_000), 'about 1 s left');
  assert.equal(left(9_400), 'about 9 s left');
  assert.equal(left(22_600), 'about 25 s left');
  assert.equal(left(54_900), 'about 55 s left');
  assert.equal(left(55_000), 'about 1 min left');
  assert.equal(left(150_000), 'about 3 min left');
  assert.equal(describeTimeLeft(entry({})), undefined);
});
