import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FillPlan, MAX_ROUNDS_SIDE, scheduleLevel } from '../../../engine/fill/fill-plan.ts';

function patchesOf(...sides: number[]): FillPlan {
  const levels = sides.map((side) => ({ width: side, height: Math.ceil(side / 2) }));
  return { method: 'patches', radius: 3, trials: 3, levels };
}

test('levels past the limit have one round of one pass nearby, up to it they have all of theirs', () => {
  const plan = patchesOf(4 * MAX_ROUNDS_SIDE, 2 * MAX_ROUNDS_SIDE, MAX_ROUNDS_SIDE, 700, 350);
  const [finest, second, third] = [0, 1, 2].map((index) => scheduleLevel(plan, index));
  assert.deepEqual(finest, { rounds: 1, passes: 1, searchRadius: 4, vote: 'split' });
  assert.deepEqual(second, finest);
  assert.deepEqual(third, { rounds: 4, passes: 3, searchRadius: 256, vote: 'mean' });

  const [past, upTo] = [MAX_ROUNDS_SIDE + 1, MAX_ROUNDS_SIDE].map((side) =>
    scheduleLevel(patchesOf(side, 700), 0),
  );
  assert.equal(past!.rounds, 1);
  assert.equal(upTo!.rounds, 2);
});

test('the coarsest level has all rounds whatever its size, as nothing was settled before it', () => {
  const { rounds, passes, searchRadius } = scheduleLevel(patchesOf(2 * MAX_ROUNDS_SIDE), 0);
  assert.deepEqual({ rounds, passes, searchRadius }, { rounds: 12, passes: 4, searchRadius: 256 });
});
