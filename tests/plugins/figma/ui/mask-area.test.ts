import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskedBounds, maskIn, masksAll } from '../../../../plugins/figma/ui/mask-area.ts';

const area = fc
  .record({
    left: fc.integer({ min: 0, max: 6 }),
    top: fc.integer({ min: 0, max: 6 }),
    width: fc.integer({ min: 1, max: 7 }),
    height: fc.integer({ min: 1, max: 7 }),
  })
  .chain((bounds) =>
    fc
      .uint8Array({ minLength: bounds.width * bounds.height, maxLength: bounds.width * bounds.height })
      .map((values) => ({ area: bounds, values: values.map((value) => (value < 200 ? 0 : value)) })),
  );

function valueAt(
  {
    values,
    area: at,
  }: { values: Uint8Array; area: { left: number; top: number; width: number; height: number } },
  x: number,
  y: number,
): number {
  const [column, row] = [x - at.left, y - at.top];
  if (column < 0 || row < 0 || column >= at.width || row >= at.height) return 0;
  return values[row * at.width + column]!;
}

test('a mask for another part of the picture has each value where it was', () => {
  fc.assert(
    fc.property(area, area, (mask, { area: wanted }) => {
      const moved = { area: wanted, values: maskIn(mask, wanted) };
      for (let y = wanted.top; y < wanted.top + wanted.height; y++) {
        for (let x = wanted.left; x < wanted.left + wanted.width; x++) {
          assert.equal(valueAt(moved, x, y), valueAt(mask, x, y));
        }
      }
    }),
  );
});

test('the masked bounds hold all that is not 0, and every edge of them touches some', () => {
  fc.assert(
    fc.property(area, (mask) => {
      const bounds = maskedBounds(mask);
      const points: [number, number][] = [];
      for (let y = 0; y < 14; y++)
        for (let x = 0; x < 14; x++) if (valueAt(mask, x, y) > 0) points.push([x, y]);
      if (points.length === 0) return assert.equal(bounds, undefined);
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
      const [left, top] = [Math.min(...xs), Math.min(...ys)];
      const [width, height] = [Math.max(...xs) - left + 1, Math.max(...ys) - top + 1];
      assert.deepEqual(bounds, { left, top, width, height });
    }),
  );
});

test('all of a picture is masked only where each of its pixels is, wholly', () => {
  const whole = { left: 0, top: 0, width: 2, height: 2 };
  assert.ok(masksAll({ area: whole, values: new Uint8Array(4).fill(255) }, whole));
  assert.ok(!masksAll({ area: whole, values: new Uint8Array([255, 255, 254, 255]) }, whole));
  const part = { left: 0, top: 0, width: 2, height: 1 };
  assert.ok(!masksAll({ area: part, values: new Uint8Array(2).fill(255) }, whole));
});
