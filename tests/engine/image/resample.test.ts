import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { reduceByArea } from '../../../engine/image/area.ts';
import { hasAlpha, type Picture } from '../../../engine/image/picture.ts';
import { AREA_REDUCTION, resampleMask, resamplePicture } from '../../../engine/image/resample.ts';
import { anyChannels, anyDepth, anyPicture, anySize, maskOf, noisePicture } from './arbitraries.ts';

describe('resamplePicture', () => {
  test('gives the same picture at the same size, and any other size in the same format', () => {
    const icc = Uint8Array.of(1, 2);
    fc.assert(
      fc.property(anyPicture, anySize, (picture, size) => {
        assert.equal(resamplePicture(picture, picture), picture);
        const result = resamplePicture({ ...picture, icc }, size);
        assert.deepEqual(
          [result.width, result.height, result.channels],
          [size.width, size.height, picture.channels],
        );
        assert.equal(result.data.length, size.width * size.height * picture.channels);
        assert.equal(result.data.constructor, picture.data.constructor);
        assert.equal(result.icc, icc);
      }),
      { numRuns: 60 },
    );
  });

  test('keeps one colour at any size', () => {
    fc.assert(
      fc.property(
        anySize,
        anySize,
        anyChannels,
        anyDepth,
        fc.integer({ min: 1, max: 255 }),
        (from, to, channels, depth, value) => {
          const length = from.width * from.height * channels;
          const data = (depth === 8 ? new Uint8Array(length) : new Uint16Array(length)).fill(value);
          const result = resamplePicture({ ...from, channels, data }, to);
          assert.ok(result.data.every((sample) => sample === value));
        },
      ),
    );
  });

  for (const scale of [2, 3.5, 7]) {
    test(`brings what it enlarged or reduced ${scale} times back to where it was`, () => {
      const size = { width: 84, height: 56 };
      const data = new Uint16Array(size.width * size.height);
      const centre = { x: 29.3, y: 24.8 };
      for (let i = 0; i < data.length; i++) {
        const x = (i % size.width) - centre.x;
        const y = Math.floor(i / size.width) - centre.y;
        data[i] = 60_000 * Math.exp(-(x * x + y * y) / 150);
      }
      const picture: Picture = { ...size, channels: 1, data };
      for (const factor of [scale, 1 / scale]) {
        const there = { width: size.width * factor, height: size.height * factor };
        const back = resamplePicture(resamplePicture(picture, there), size);
        const place = centroid(back);
        const was = centroid(picture);
        assert.ok(Math.hypot(place.x - was.x, place.y - was.y) < 0.02, `${factor}: ${JSON.stringify(place)}`);
      }
    });
  }

  test('takes the mean over the area from the named reduction on, on both axes', () => {
    const picture = noisePicture({ width: 40, height: 48 }, { channels: 3, depth: 8 });
    const at = { width: 40 / AREA_REDUCTION, height: 12 };
    assert.deepEqual(resamplePicture(picture, at), reduceByArea(picture, at));
    const above = { ...at, width: at.width + 1 };
    assert.notDeepEqual(resamplePicture(picture, above), reduceByArea(picture, above));
  });
});

describe('reduceByArea', () => {
  test('is the mean of the area under each sample, colour weighed by alpha', () => {
    const pictureAndSize = anyPicture.chain((picture) =>
      fc.tuple(
        fc.constant(picture),
        fc.record({
          width: fc.integer({ min: 1, max: picture.width }),
          height: fc.integer({ min: 1, max: picture.height }),
        }),
      ),
    );
    fc.assert(
      fc.property(pictureAndSize, fc.nat(), ([picture, size], pick) => {
        const result = reduceByArea(picture, size);
        const pixel = pick % (size.width * size.height);
        const x = pixel % size.width;
        const y = Math.floor(pixel / size.width);
        const colours = hasAlpha(picture.channels) ? picture.channels - 1 : picture.channels;
        const sums = new Float64Array(picture.channels);
        let opacity = 0;
        for (let row = 0; row < picture.height; row++) {
          const down = overlap(row, y, picture.height / size.height);
          for (let column = 0; column < picture.width; column++) {
            const share = down * overlap(column, x, picture.width / size.width);
            const at = (row * picture.width + column) * picture.channels;
            const alpha = colours < picture.channels ? picture.data[at + colours]! : 1;
            opacity += share * alpha;
            for (let c = 0; c < colours; c++) sums[c]! += share * alpha * picture.data[at + c]!;
          }
        }
        const area = (picture.width * picture.height) / (size.width * size.height);
        const actual = result.data.subarray(pixel * picture.channels, (pixel + 1) * picture.channels);
        for (let c = 0; c < colours; c++) {
          const expected = opacity > 0 ? sums[c]! / opacity : 0;
          assert.ok(Math.abs(actual[c]! - expected) <= 0.5 + 1e-6);
        }
        if (colours < picture.channels) assert.ok(Math.abs(actual[colours]! - opacity / area) <= 0.5 + 1e-6);
      }),
      { numRuns: 200 },
    );
  });

  test('refuses to enlarge', () => {
    const picture = noisePicture({ width: 4, height: 4 }, { channels: 1, depth: 8 });
    assert.throws(() => reduceByArea(picture, { width: 5, height: 4 }), RangeError);
  });
});

describe('resampleMask', () => {
  const maskAndSize = anySize.chain((size) => fc.tuple(maskOf(size), anySize));

  test('loses no pixel: wherever a mask pixel lies at the new size, it has its value or more', () => {
    fc.assert(
      fc.property(maskAndSize, ([mask, size]) => {
        const result = resampleMask(mask, size);
        for (let y = 0; y < size.height; y++) {
          for (let x = 0; x < size.width; x++) {
            let expected = 0;
            for (let row = 0; row < mask.height; row++) {
              if (overlap(row, y, mask.height / size.height) < 1e-9) continue;
              for (let column = 0; column < mask.width; column++) {
                if (overlap(column, x, mask.width / size.width) < 1e-9) continue;
                expected = Math.max(expected, mask.data[row * mask.width + column]!);
              }
            }
            assert.equal(result.data[y * size.width + x], expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('gives the same mask at the same size, and covers it there and back', () => {
    fc.assert(
      fc.property(maskAndSize, ([mask, size]) => {
        assert.equal(resampleMask(mask, mask), mask);
        const back = resampleMask(resampleMask(mask, size), mask);
        assert.ok(back.data.every((value, i) => value >= mask.data[i]!));
      }),
    );
  });
});

/** How much of input sample `i` lies in output sample `o`, `ratio` input samples long. */
function overlap(i: number, o: number, ratio: number): number {
  return Math.max(0, Math.min(i + 1, (o + 1) * ratio) - Math.max(i, o * ratio));
}

function centroid({ data, width }: Picture): { readonly x: number; readonly y: number } {
  let [total, x, y] = [0, 0, 0];
  data.forEach((value, i) => {
    total += value;
    x += value * (i % width);
    y += value * Math.floor(i / width);
  });
  return { x: x / total, y: y / total };
}
