import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { fillPicture } from '../../../engine/fill/fill-picture.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { solveFill } from '../../../engine/fill/solve-fill.ts';
import { compositeOver } from '../../../engine/image/composite.ts';
import { cropMask, cropPicture } from '../../../engine/image/crop.ts';
import type { Channels, Mask, Picture } from '../../../engine/image/picture.ts';
import { noise, pictureOf, rectangleMask } from './pictures.ts';

const threads = new FillThreads(2);
after(() => threads.close());

const solve = (picture: Picture, mask: Mask, seed = 1) => solveFill(picture, mask, { seed, threads });
const size = { width: 300, height: 90 };
const bounds = { left: 40, top: 30, width: 21, height: 17 };

/** Grey on its rim, with a black spot in it. */
function softMask(): Mask {
  const mask = rectangleMask(size, bounds);
  for (let y = bounds.top; y < bounds.top + bounds.height; y++) mask.data[y * size.width + bounds.left] = 90;
  mask.data[(bounds.top + 8) * size.width + bounds.left + 9] = 0;
  return mask;
}

describe('a fill as a layer', () => {
  test('is as large as its mask, in the format of the source, and laid over it gives the filled picture', async () => {
    for (const { channels, depth } of [
      { channels: 1, depth: 8 },
      { channels: 2, depth: 16 },
      { channels: 3, depth: 8 },
      { channels: 4, depth: 8 },
      { channels: 4, depth: 16 },
    ] satisfies { channels: Channels; depth: 8 | 16 }[]) {
      const picture = { ...noise({ ...size, channels, depth }), icc: Uint8Array.of(7) };
      const mask = softMask();
      const layer = await solve(picture, mask);
      assert.deepEqual(layer.bounds, bounds);
      assert.deepEqual(layer.mask, cropMask(mask, bounds));
      const { data, ...format } = layer.fill;
      assert.deepEqual(format, { width: 21, height: 17, channels, icc: picture.icc });
      assert.equal(data.constructor, picture.data.constructor);
      const laid = compositeOver(picture, { fill: layer.fill, mask: layer.mask, at: bounds });
      assert.deepEqual(laid, await fillPicture(picture, mask, { seed: 1, threads }));
    }
  });

  test("is the source itself where the mask is 0, and nowhere mixed by the mask's grey", async () => {
    const picture = noise({ ...size, channels: 3 });
    const grey = softMask();
    const hard = { ...grey, data: grey.data.map((value) => (value === 0 ? 0 : 255)) };
    const layer = await solve(picture, grey);
    const spot = 3 * (8 * bounds.width + 9);
    const source = cropPicture(picture, bounds);
    assert.deepEqual(layer.fill.data.subarray(spot, spot + 3), source.data.subarray(spot, spot + 3));
    assert.deepEqual(layer.fill, (await solve(picture, hard)).fill);
  });
});

describe('the energy', () => {
  test('is 0 where every patch is found again exactly', async () => {
    const plain = pictureOf({ width: 96, height: 96, channels: 3 }, (_x, _y, c) => 50 * c);
    const mask = rectangleMask(plain, { left: 30, top: 34, width: 31, height: 29 });
    assert.equal((await solve(plain, mask)).energy, 0);
  });

  test('is the same for the same seed and finite for every kind of hole', async () => {
    const field = noise({ width: 96, height: 96, channels: 3 });
    const holes = [
      { left: 20, top: 20, width: 50, height: 50 },
      { left: 20, top: 20, width: 50, height: 3 },
      { left: 1, top: 1, width: 94, height: 94 },
    ];
    for (const hole of holes) {
      const { energy } = await solve(field, rectangleMask(field, hole), 3);
      assert.ok(Number.isFinite(energy) && energy >= 0, `${energy}`);
      assert.equal((await solve(field, rectangleMask(field, hole), 3)).energy, energy);
    }
  });

  test('is higher where the surroundings offer less that fits', async () => {
    const busy = pictureOf(
      { width: 120, height: 120, channels: 1 },
      (x, y) => (((x >> 2) + (y >> 2)) % 3) * 40,
    );
    const rough = noise(busy);
    const mask = rectangleMask(busy, { left: 40, top: 40, width: 40, height: 40 });
    assert.ok((await solve(busy, mask)).energy < (await solve(rough, mask)).energy);
  });
});
