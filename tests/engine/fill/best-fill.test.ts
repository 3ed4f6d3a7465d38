import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { bestFill, MAX_STARTS, START_PIXELS, startsFor } from '../../../engine/fill/best-fill.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { solveFill } from '../../../engine/fill/solve-fill.ts';
import { noise, pictureOf, rectangleMask } from './pictures.ts';

const threads = new FillThreads(2);
after(() => threads.close());

const field = noise({ width: 90, height: 90, channels: 3 });
const hole = rectangleMask(field, { left: 30, top: 30, width: 31, height: 29 });

async function progressOf(mask = hole, picture = field): Promise<[number, number][]> {
  const seen: [number, number][] = [];
  await bestFill(picture, mask, { seed: 1, threads, onProgress: (...step) => seen.push(step) });
  return seen;
}

describe('the best of several fills', () => {
  test('has an energy no higher than that of the fill with its seed, and mostly a lower one', async () => {
    let lower = 0;
    for (const seed of [1, 2, 3]) {
      const { energy } = await solveFill(field, hole, { seed, threads });
      const best = await bestFill(field, hole, { seed, threads });
      assert.ok(best.energy <= energy);
      if (best.energy < energy) lower++;
    }
    assert.ok(lower >= 1);
  });

  test('is the same for the same seed and another for another', async () => {
    const one = await bestFill(field, hole, { seed: 1, threads });
    assert.deepEqual(await bestFill(field, hole, { seed: 1, threads }), one);
    assert.notDeepEqual((await bestFill(field, hole, { seed: 2, threads })).fill, one.fill);
  });

  test('counts its steps as one: they only rise and end at their end', async () => {
    const plain = pictureOf(field, () => 80);
    for (const seen of [await progressOf(), await progressOf(hole, plain)]) {
      for (let i = 1; i < seen.length; i++) assert.ok(seen[i]![0] > seen[i - 1]![0]);
      assert.equal(new Set(seen.map(([, steps]) => steps)).size, 1);
      assert.equal(seen.at(-1)![0], seen.at(-1)![1]);
    }
  });

  test('has fewer starts where the hole is large', () => {
    assert.deepEqual([0, 1, START_PIXELS / 3].map(startsFor), [MAX_STARTS, MAX_STARTS, MAX_STARTS]);
    assert.deepEqual([START_PIXELS / 3 + 1, START_PIXELS / 2].map(startsFor), [2, 2]);
    assert.deepEqual([START_PIXELS / 2 + 1, 2 ** 28].map(startsFor), [1, 1]);
  });

  test('takes as many steps as its starts together', async () => {
    const alone: number[] = [];
    await solveFill(field, hole, { seed: 1, threads, onProgress: (_step, steps) => alone.push(steps) });
    assert.equal((await progressOf())[0]![1], MAX_STARTS * alone[0]!);
  });

  test('stops soon when it is cancelled', async () => {
    const controller = new AbortController();
    let steps = 0;
    const running = bestFill(field, hole, {
      seed: 1,
      threads,
      signal: controller.signal,
      onProgress: () => {
        if (++steps === 2) setImmediate(() => controller.abort());
      },
    });
    await assert.rejects(running, { code: 'cancelled' });
  });
});
