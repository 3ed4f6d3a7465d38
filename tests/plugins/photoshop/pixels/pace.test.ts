import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSlices } from '../../../../plugins/photoshop/pixels/pace.ts';

test('every row is worked on once, in order', async () => {
  for (const rowSamples of [1, 2 ** 15, 2 ** 16, 2 ** 18]) {
    const rows: number[] = [];
    await inSlices(
      7,
      (from, to) => {
        for (let row = from; row < to; row++) rows.push(row);
      },
      { rowSamples },
    );
    assert.deepEqual(rows, [0, 1, 2, 3, 4, 5, 6]);
  }
  await inSlices(0, () => assert.fail('nothing is to be done'), { rowSamples: 1 });
});

test('others get their turn while a long loop runs', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await inSlices(
    8,
    () => {
      const until = Date.now() + 10;
      while (Date.now() < until);
    },
    { rowSamples: 2 ** 16 },
  );
  clearInterval(timer);
  assert.ok(turns >= 2, `expected at least 2 turns of others, saw ${turns}`);
});
