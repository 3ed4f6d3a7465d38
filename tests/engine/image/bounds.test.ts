import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  type Bounds,
  bottomOf,
  boundsOf,
  clampInto,
  contains,
  grow,
  intersect,
  isEmpty,
  maskBounds,
  rightOf,
  translate,
  union,
} from '../../../engine/image/bounds.ts';
import { anySize, maskOf } from './arbitraries.ts';

/** Canvas coordinates up to the largest of any editor, and layers hanging over it. */
const coordinate = fc.integer({ min: -300_000, max: 300_000 });
const length = fc.integer({ min: 0, max: 300_000 });
const anyBounds: fc.Arbitrary<Bounds> = fc.record(
  { left: coordinate, top: coordinate, width: length, height: length },
  { noNullPrototype: true },
);
/** Small ones, whose pixels can be counted. */
const smallBounds: fc.Arbitrary<Bounds> = fc.record({
  left: fc.integer({ min: -6, max: 6 }),
  top: fc.integer({ min: -6, max: 6 }),
  width: fc.nat(6),
  height: fc.nat(6),
});

function hasPixel(bounds: Bounds, x: number, y: number): boolean {
  return x >= bounds.left && x < rightOf(bounds) && y >= bounds.top && y < bottomOf(bounds);
}

describe('bounds', () => {
  test('an intersection has exactly the pixels of both', () => {
    fc.assert(
      fc.property(smallBounds, smallBounds, (a, b) => {
        const both = intersect(a, b);
        for (let y = -7; y < 14; y++) {
          for (let x = -7; x < 14; x++) {
            assert.equal(hasPixel(both, x, y), hasPixel(a, x, y) && hasPixel(b, x, y));
          }
        }
      }),
    );
  });

  test('a union contains both and is the smallest that does', () => {
    fc.assert(
      fc.property(anyBounds, anyBounds, (a, b) => {
        const whole = union(a, b);
        assert.ok(contains(whole, a) && contains(whole, b));
        if (isEmpty(a) || isEmpty(b)) return;
        assert.equal(whole.left, Math.min(a.left, b.left));
        assert.equal(rightOf(whole), Math.max(rightOf(a), rightOf(b)));
        assert.equal(whole.top, Math.min(a.top, b.top));
        assert.equal(bottomOf(whole), Math.max(bottomOf(a), bottomOf(b)));
      }),
    );
  });

  test('one contains the other when the intersection is the other', () => {
    fc.assert(
      fc.property(smallBounds, smallBounds, (outer, inner) => {
        fc.pre(!isEmpty(inner));
        assert.equal(contains(outer, inner), isDeepStrictEqual(intersect(outer, inner), { ...inner }));
      }),
    );
  });

  test('growing and shrinking by the same amount gives the same bounds, moving and moving back too', () => {
    fc.assert(
      fc.property(anyBounds, fc.nat(100_000), coordinate, coordinate, (bounds, amount, x, y) => {
        assert.deepEqual(grow(grow(bounds, amount), -amount), bounds);
        assert.deepEqual(translate(translate(bounds, { x, y }), { x: -x, y: -y }), bounds);
      }),
    );
  });

  test('clamping into a canvas keeps the size where it fits and never leaves the canvas', () => {
    fc.assert(
      fc.property(
        anyBounds,
        fc.integer({ min: 1, max: 300_000 }),
        fc.integer({ min: 1, max: 300_000 }),
        (bounds, width, height) => {
          const canvas = { width, height };
          const clamped = clampInto(bounds, canvas);
          assert.ok(clamped.left >= 0 && rightOf(clamped) <= width);
          assert.ok(clamped.top >= 0 && bottomOf(clamped) <= height);
          assert.equal(clamped.width, Math.min(bounds.width, width));
          assert.equal(clamped.height, Math.min(bounds.height, height));
          if (contains(boundsOf(canvas), bounds) && !isEmpty(bounds)) assert.deepEqual(clamped, bounds);
          // Shifted no further than needed: whatever of the canvas it covered, it still covers.
          assert.ok(contains(clamped, intersect(bounds, boundsOf(canvas))));
        },
      ),
    );
  });
});

describe('maskBounds', () => {
  test('finds the tightest bounds of the non-zero pixels at any size and memory alignment', () => {
    const anyMask = anySize.chain((size) => fc.tuple(maskOf(size), fc.nat(7)));
    fc.assert(
      fc.property(anyMask, ([mask, byteOffset]) => {
        const shifted = new Uint8Array(new ArrayBuffer(mask.data.length + byteOffset), byteOffset);
        shifted.set(mask.data);
        let expected: Bounds | null = null;
        mask.data.forEach((value, i) => {
          if (value === 0) return;
          const pixel = { left: i % mask.width, top: Math.floor(i / mask.width), width: 1, height: 1 };
          expected = expected === null ? pixel : union(expected, pixel);
        });
        assert.deepEqual(maskBounds({ ...mask, data: shifted }), expected);
      }),
      { numRuns: 300 },
    );
  });

  test('an empty mask has none', () => {
    assert.equal(maskBounds({ width: 13, height: 7, data: new Uint8Array(91) }), null);
  });

  test('one pixel is found at every place', () => {
    for (const [width, height] of [
      [1, 1],
      [5, 1],
      [1, 9],
      [11, 7],
    ] as const) {
      for (let index = 0; index < width * height; index++) {
        const data = new Uint8Array(width * height);
        data[index] = 1;
        const expected = { left: index % width, top: Math.floor(index / width), width: 1, height: 1 };
        assert.deepEqual(maskBounds({ width, height, data }), expected);
      }
    }
  });
});
