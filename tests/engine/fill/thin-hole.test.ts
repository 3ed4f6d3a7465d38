import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { fillPicture } from '../../../engine/fill/fill-picture.ts';
import type { FillStep } from '../../../engine/fill/fill-step.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { biharmonicFill } from '../../../engine/fill/kernels/biharmonic.ts';
import { harmonicFill } from '../../../engine/fill/kernels/harmonic.ts';
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import { largestDifference, noise, pictureOf, rectangleMask } from './pictures.ts';

describe('a thin plate', () => {
  const size = { width: 24, height: 17 };
  const curved = (x: number, y: number) => 100 + 4 * x - 2 * y + 0.5 * (x - 12) ** 2;
  const problem = () => {
    const values = new Float32Array(size.width * size.height);
    const hole = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const x = i % size.width;
      const y = Math.floor(i / size.width);
      values[i] = curved(x, y);
      if (x >= 8 && x < 16 && y >= 4 && y < 12) {
        hole[i] = 1;
        values[i] = 0;
      }
    }
    return { ...size, channels: 1, values, hole, cancelled: () => false };
  };
  const worst = (values: Float32Array) =>
    values.reduce(
      (most, value, i) =>
        Math.max(most, Math.abs(value - curved(i % size.width, Math.floor(i / size.width)))),
      0,
    );

  test('carries a curved shade on into the hole, where a harmonic surface sags', () => {
    const [plate, harmonic] = [problem(), problem()];
    biharmonicFill(plate);
    harmonicFill(harmonic);
    assert.ok(worst(plate.values) < 1, `${worst(plate.values)}`);
    assert.ok(worst(harmonic.values) > 3, `${worst(harmonic.values)}`);
  });

  test('leaves known pixels alone, and stops when cancelled', () => {
    const { values, hole } = problem();
    let asked = 0;
    const before = values.slice();
    biharmonicFill({ ...size, channels: 1, values, hole, cancelled: () => ++asked > 3 });
    for (let i = 0; i < values.length; i++) if (hole[i] === 0) assert.equal(values[i], before[i]);
  });

  test('takes a hole at the corner of a picture one pixel wide', () => {
    const values = Float32Array.from([0, 0, 30, 30]);
    biharmonicFill({
      width: 1,
      height: 4,
      channels: 1,
      values,
      hole: Uint8Array.from([1, 1, 0, 0]),
      cancelled: () => false,
    });
    assert.ok(values.every((value) => Math.abs(value - 30) < 0.5));
  });
});

describe('a thin hole', () => {
  const threads = new FillThreads(1);
  after(() => threads.close());
  const fill = (picture: Picture, mask: Mask, without: readonly FillStep[] = []) =>
    fillPicture(picture, mask, { seed: 1, threads, without: new Set(without) });

  test('through a pattern that patches know is not softened', async () => {
    const checks = pictureOf({ width: 80, height: 64, channels: 3 }, (x, y) =>
      ((x >> 2) + (y >> 2)) % 2 === 0 ? 220 : 30,
    );
    const mask = rectangleMask(checks, { left: 10, top: 30, width: 50, height: 5 });
    assert.ok(largestDifference(await fill(checks, mask), checks) <= 8);
  });

  test('through what nobody can know is nearer to the truth for its smooth surface', async () => {
    const picture = noise({ width: 96, height: 64, channels: 3 });
    const mask = rectangleMask(picture, { left: 10, top: 30, width: 70, height: 5 });
    const error = (result: Picture) =>
      Array.from(result.data).reduce((sum, value, i) => sum + (value - picture.data[i]!) ** 2, 0);
    const blended = error(await fill(picture, mask));
    assert.ok(blended < 0.9 * error(await fill(picture, mask, ['thin-blend'])));
  });
});
