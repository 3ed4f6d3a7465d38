import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_COLOUR_SHIFT, matchColour } from '../../../engine/image/colour-match.ts';
import { colourCount, hasAlpha, type Mask, maxSample, type Picture } from '../../../engine/image/picture.ts';
import { anyPicture, maskOf, noisePicture } from './arbitraries.ts';

/** Opaque, and with room above and below for any shift that is corrected. */
function calm(picture: Picture): Picture {
  const { channels } = picture;
  const max = maxSample(picture.data);
  const data = picture.data.map((value, i) =>
    hasAlpha(channels) && i % channels === channels - 1 ? max : 0.25 * max + 0.5 * value,
  );
  return { ...picture, data };
}

function shifted(picture: Picture, by: readonly number[]): Picture {
  const { channels } = picture;
  const colours = colourCount(channels);
  const data = picture.data.map((value, i) => {
    const c = i % channels;
    return c < colours ? value + by[c]! : value;
  });
  return { ...picture, data };
}

/** A disc in the middle of a square picture. */
function disc(side: number, radius: number): Mask {
  const data = new Uint8Array(side * side);
  data.forEach((_, i) => {
    const [x, y] = [(i % side) + 0.5 - side / 2, Math.floor(i / side) + 0.5 - side / 2];
    data[i] = Math.hypot(x, y) <= radius ? 255 : 0;
  });
  return { width: side, height: side, data };
}

const anyCase = anyPicture.chain((picture) =>
  fc.tuple(fc.constant(picture), maskOf(picture), fc.integer({ min: 1, max: 12 })),
);

describe('matchColour', () => {
  test('a picture shifted by one colour comes back as it was, wherever there is a known pixel', () => {
    const shift = fc.array(fc.integer({ min: -48, max: 48 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(anyCase, shift, ([noisy, mask, bandWidth], by) => {
        fc.pre(mask.data.some((value) => value === 0));
        const source = calm(noisy);
        const scale = maxSample(source.data) / 255;
        const drawn = shifted(
          source,
          by.map((value) => value * scale),
        );
        const result = matchColour(drawn, { source, mask, bandWidth });
        assert.deepEqual(result.data, source.data);
      }),
      { numRuns: 200 },
    );
  });

  test('known pixels are the source’s bit for bit, alpha is as drawn, and no colour moves beyond the limit', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(), ([source, mask, bandWidth], seed) => {
        const { channels, data } = source;
        const max = maxSample(data);
        const drawn = noisePicture(source, { channels, depth: max === 255 ? 8 : 16, seed });
        const before = drawn.data.slice();
        const result = matchColour(drawn, { source, mask, bandWidth });
        assert.deepEqual(drawn.data, before);
        result.data.forEach((value, i) => {
          if (mask.data[Math.floor(i / channels)] === 0) assert.equal(value, data[i]);
          else if (i % channels >= colourCount(channels)) assert.equal(value, before[i]);
          else assert.ok(Math.abs(value - before[i]!) <= MAX_COLOUR_SHIFT * max + 0.5);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('a shift is corrected up to the limit, and from twice the limit on taken for another thing', () => {
    const side = 40;
    const source: Picture = {
      width: side,
      height: side,
      channels: 1,
      data: new Uint8Array(side * side).fill(100),
    };
    const middle = (side * side) / 2 + side / 2;
    const limit = MAX_COLOUR_SHIFT * 255;
    for (const [by, left] of [
      [limit, 0],
      [limit + 1, 1],
      [2 * limit - 1, limit - 1],
      [2 * limit, 2 * limit],
    ] as const) {
      const drawn = shifted(source, [by]);
      const result = matchColour(drawn, { source, mask: disc(side, 12), bandWidth: 8 });
      assert.equal(result.data[middle], 100 + left);
    }
  });

  test('with nothing known, or nothing to change, there is nothing to match', () => {
    const source = noisePicture({ width: 9, height: 7 }, { channels: 3, depth: 8 });
    const drawn = noisePicture(source, { channels: 3, depth: 8, seed: 5 });
    const full: Mask = { width: 9, height: 7, data: new Uint8Array(63).fill(255) };
    assert.deepEqual(matchColour(drawn, { source, mask: full, bandWidth: 8 }).data, drawn.data);
    const empty: Mask = { ...full, data: new Uint8Array(63) };
    assert.deepEqual(matchColour(drawn, { source, mask: empty, bandWidth: 8 }).data, source.data);
  });

  test('a known band that shows another thing counts for nothing, one shade for the rest of it', () => {
    const side = 96;
    const mask = disc(side, 30);
    const source: Picture = {
      width: side,
      height: side,
      channels: 1,
      data: new Uint8Array(side * side).fill(120),
    };
    // Below the middle another thing stands where the source has none.
    const data = source.data.map((_, i) => (i < (side * side) / 2 ? 110 : 10));
    const result = matchColour({ ...source, data }, { source, mask, bandWidth: 8 });
    assert.equal(result.data[30 * side + 48], 120);
    assert.equal(result.data[66 * side + 48], 20);
  });

  test('shades that differ from side to side are matched at each seam and mixed in between', () => {
    const side = 128;
    const mask = disc(side, 40);
    const source: Picture = {
      width: side,
      height: side,
      channels: 1,
      data: new Uint8Array(side * side).fill(100),
    };
    const data = source.data.map((_, i) => 100 + Math.round((20 * (i % side)) / (side - 1) - 10));
    const result = matchColour({ ...source, data }, { source, mask, bandWidth: 8 });
    let worst = 0;
    for (const value of result.data) worst = Math.max(worst, Math.abs(value - 100));
    assert.ok(worst <= 3, `off by ${worst}`);
  });

  test('a picture of another size or format is refused', () => {
    const source = noisePicture({ width: 4, height: 4 }, { channels: 3, depth: 8 });
    const mask: Mask = { width: 4, height: 4, data: new Uint8Array(16) };
    const smaller = noisePicture({ width: 4, height: 3 }, { channels: 3, depth: 8 });
    const grey = noisePicture({ width: 4, height: 4 }, { channels: 1, depth: 8 });
    assert.throws(() => matchColour(smaller, { source, mask, bandWidth: 4 }), /4 x 3 px/);
    assert.throws(() => matchColour(grey, { source, mask, bandWidth: 4 }), /one format/);
  });
});
