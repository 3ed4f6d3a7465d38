import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addedBounds,
  boundsOf,
  cornersOf,
  expanded,
  isEmpty,
  union,
} from '../../../../plugins/shared/picture/geometry.ts';

const margin = fc.integer({ min: 0, max: 3 });

test('added bounds hold each new pixel, and none of the old ones where a single side grows', () => {
  fc.assert(
    fc.property(
      fc.record({ left: margin, top: margin, right: margin, bottom: margin }),
      fc.record({ width: fc.integer({ min: 1, max: 5 }), height: fc.integer({ min: 1, max: 5 }) }),
      (margins, size) => {
        const before = boundsOf(size);
        const whole = expanded(before, margins);
        const added = addedBounds(before, margins);
        assert.deepEqual(union(before, added), whole);
        const sides = Object.values(margins).filter((side) => side > 0).length;
        const area = whole.width * whole.height - size.width * size.height;
        if (sides === 0) assert.ok(isEmpty(added));
        else if (sides === 1) assert.equal(added.width * added.height, area);
        else assert.deepEqual(added, whole);
      },
    ),
  );
});

test('corners go around from the top left; nothing has none', () => {
  const corners = cornersOf({ left: 1, top: 2, width: 3, height: 4 });
  assert.deepEqual(
    corners.map(({ x, y }) => [x, y]),
    [
      [1, 2],
      [4, 2],
      [4, 6],
      [1, 6],
    ],
  );
  assert.deepEqual(cornersOf({ left: 1, top: 2, width: 0, height: 4 }), []);
});
