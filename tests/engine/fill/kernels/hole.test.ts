import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  assignRoles,
  coarsenHole,
  distanceToKnown,
  type HolePlane,
  holeOfMask,
} from '../../../../engine/fill/kernels/hole.ts';
import { HOLE, SOURCE, TARGET } from '../../../../engine/fill/level.ts';
import { boundsOf, maskBounds } from '../../../../engine/image/bounds.ts';

const masks = fc.integer({ min: 1, max: 24 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    cells: fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 255), {
      minLength: width,
      maxLength: width * 20,
    }),
    radius: fc.integer({ min: 1, max: 3 }),
  }),
);

interface Case {
  readonly width: number;
  readonly height: number;
  readonly mask: Uint8Array;
}

function caseOf(width: number, cells: readonly number[]): Case {
  const height = Math.floor(cells.length / width);
  return { width, height, mask: Uint8Array.from(cells.slice(0, width * height)) };
}

/** Pixels within `reach` of (x, y) that pass. */
function countAround(
  { width, height }: { width: number; height: number },
  at: { x: number; y: number; reach: number },
  test: (i: number) => boolean,
): number {
  let count = 0;
  for (let y = Math.max(at.y - at.reach, 0); y <= Math.min(at.y + at.reach, height - 1); y++) {
    for (let x = Math.max(at.x - at.reach, 0); x <= Math.min(at.x + at.reach, width - 1); x++) {
      if (test(y * width + x)) count++;
    }
  }
  return count;
}

test('hole, roles and their counts are what looking at each pixel by its own gives', () => {
  fc.assert(
    fc.property(masks, ({ width, cells, radius }) => {
      const { height, mask } = caseOf(width, cells);
      const bounds = maskBounds({ width, height, data: mask });
      fc.pre(bounds !== null);
      const hole = holeOfMask(mask, { width, height, bounds: bounds! });
      const roles = new Uint8Array(width * height);
      const counts = assignRoles(hole, { radius, roles });
      const expected = { hole: 0, targets: 0, sources: 0 };
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const i = y * width + x;
          const isHole = mask[y * width + x]! > 4;
          assert.equal(hole.data[i], isHole ? 1 : 0);
          const isTarget = countAround(hole, { x, y, reach: radius }, (at) => hole.data[at] === 1) > 0;
          assert.equal(roles[i], (isHole ? HOLE : 0) | (isTarget ? TARGET : SOURCE));
          if (isHole) expected.hole++;
          if (isTarget) expected.targets++;
          const isInside = x >= radius && x + radius < width && y >= radius && y + radius < height;
          if (!isTarget && isInside) expected.sources++;
        }
      }
      assert.deepEqual(counts, expected);
    }),
  );
});

test('tight bounds change nothing of roles, distances and coarser holes', () => {
  fc.assert(
    fc.property(masks, ({ width, cells, radius }) => {
      const { height, mask } = caseOf(width, cells);
      const bounds = maskBounds({ width, height, data: mask });
      fc.pre(bounds !== null);
      let tight: HolePlane = holeOfMask(mask, { width, height, bounds: bounds! });
      let wide: HolePlane = holeOfMask(mask, { width, height, bounds: boundsOf({ width, height }) });
      for (let level = 0; level < 3; level++) {
        const planes = [tight, wide].map((plane) => {
          const roles = new Uint8Array(plane.width * plane.height);
          const distance = new Uint16Array(plane.width * plane.height).fill(9);
          const counts = assignRoles(plane, { radius, roles });
          return { data: plane.data, counts, roles, largest: distanceToKnown(plane, distance), distance };
        });
        assert.deepEqual(planes[0], planes[1]);
        tight = coarsenHole(tight);
        wide = coarsenHole(wide);
      }
    }),
  );
});
