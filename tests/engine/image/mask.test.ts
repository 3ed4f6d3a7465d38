import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { boundsOf, grow, maskBounds } from '../../../engine/image/bounds.ts';
import {
  blurMask,
  compositeMask,
  dilateMask,
  invertMask,
  thresholdMask,
} from '../../../engine/image/mask.ts';
import type { Mask } from '../../../engine/image/picture.ts';
import { anySize, maskOf } from './arbitraries.ts';

const anyMask = anySize.chain(maskOf);
const radius = fc.integer({ min: 0, max: 12 });

/** The largest value within `r` rows and columns, the long way. */
function largestNear(mask: Mask, index: number, r: number): number {
  const x = index % mask.width;
  const y = Math.floor(index / mask.width);
  let largest = 0;
  for (let v = Math.max(0, y - r); v <= Math.min(mask.height - 1, y + r); v++) {
    for (let u = Math.max(0, x - r); u <= Math.min(mask.width - 1, x + r); u++) {
      largest = Math.max(largest, mask.data[v * mask.width + u]!);
    }
  }
  return largest;
}

describe('mask', () => {
  test('dilation gives each pixel the largest value within the radius', () => {
    fc.assert(
      fc.property(anyMask, radius, (mask, r) => {
        const bounds = maskBounds(mask) ?? { left: 0, top: 0, width: 0, height: 0 };
        const dilated = dilateMask(mask, { radius: r, bounds });
        for (let i = 0; i < mask.data.length; i++) assert.equal(dilated.data[i], largestNear(mask, i, r));
      }),
      { numRuns: 60 },
    );
  });

  test('working inside the bounds gives what working on the whole mask gives', () => {
    fc.assert(
      fc.property(anyMask, radius, (mask, r) => {
        const bounds = maskBounds(mask) ?? { left: 0, top: 0, width: 0, height: 0 };
        const whole = boundsOf(mask);
        for (const filter of [dilateMask, blurMask]) {
          const inside = filter(mask, { radius: r, bounds }).data;
          assert.deepEqual(inside, filter(mask, { radius: r, bounds: whole }).data);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a blur keeps a constant, also at the edges, and spreads a point over exactly its radius', () => {
    for (const value of [0, 1, 77, 254, 255]) {
      const constant = { width: 9, height: 5, data: new Uint8Array(45).fill(value) };
      assert.deepEqual(blurMask(constant, { radius: 7, bounds: boundsOf(constant) }), constant);
    }
    for (const r of [1, 2, 3, 4, 5]) {
      const data = new Uint8Array(41 * 41);
      // Large enough for every blurred value to be seen: a bar, not a point.
      data.fill(255, 20 * 41, 21 * 41);
      const blurred = blurMask(
        { width: 41, height: 41, data },
        { radius: r, bounds: { left: 0, top: 20, width: 41, height: 1 } },
      );
      assert.deepEqual(maskBounds(blurred), { left: 0, top: 20 - r, width: 41, height: 2 * r + 1 });
    }
  });

  test('the composite mask is nowhere below the selection and zero beyond twice the feather', () => {
    fc.assert(
      fc.property(anyMask, radius, (mask, feather) => {
        const bounds = maskBounds(mask);
        fc.pre(bounds !== null);
        const composite = compositeMask(mask, { feather, bounds: bounds! });
        for (let i = 0; i < mask.data.length; i++) {
          assert.ok(composite.data[i]! >= mask.data[i]!);
          if (composite.data[i] !== 0) assert.ok(largestNear(mask, i, 2 * feather) > 0);
        }
        if (feather === 0) assert.deepEqual(composite.data, mask.data);
      }),
      { numRuns: 60 },
    );
  });

  test('a feathered edge falls steadily from opaque to nothing', () => {
    const width = 64;
    const data = new Uint8Array(width).fill(255, 0, 20);
    const feather = 10;
    const bounds = { left: 0, top: 0, width: 20, height: 1 };
    const row = compositeMask({ width, height: 1, data }, { feather, bounds }).data;
    for (let x = 1; x < width; x++) assert.ok(row[x]! <= row[x - 1]!);
    assert.equal(row[19], 255);
    assert.ok(row[30]! > 100 && row[30]! < 155, `expected half-way at the middle, received ${row[30]}`);
    assert.equal(row[19 + 2 * feather + 1], 0);
  });

  test('inverting twice gives the same mask; a threshold gives only 0 and 255', () => {
    fc.assert(
      fc.property(anyMask, fc.nat(255), (mask, threshold) => {
        assert.deepEqual(invertMask(invertMask(mask)), mask);
        const hard = thresholdMask(mask, threshold).data;
        mask.data.forEach((value, i) => {
          assert.equal(hard[i], value > threshold ? 255 : 0);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('the area filtered may hang over every edge of the mask', () => {
    const mask = { width: 3, height: 2, data: Uint8Array.of(0, 0, 9, 0, 0, 0) };
    const dilated = dilateMask(mask, { radius: 1, bounds: grow(boundsOf(mask), 5) });
    assert.deepEqual([...dilated.data], [0, 9, 9, 0, 9, 9]);
  });
});
