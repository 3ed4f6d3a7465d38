import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import fc from 'fast-check';
import {
  exportOrigin,
  inverse,
  isExportOf,
  isUpright,
  marginUnits,
  meet,
  pixelsOf,
  product,
  reachesBeyond,
  rowBeside,
  unitsOf,
  uprightIn,
} from '../../../../plugins/figma/main/page-geometry.ts';
import { marginPixels } from '../../../../plugins/figma/protocol/scale.ts';

const coordinate = fc.double({ min: -5_000, max: 5_000, noNaN: true });
const length = fc.double({ min: 0.5, max: 4_000, noNaN: true });
const rect = fc.record({ x: coordinate, y: coordinate, width: length, height: length });
const scale = fc.double({ min: 0.25, max: 4, noNaN: true });
const turned: fc.Arbitrary<Transform> = fc
  .tuple(fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }), coordinate, coordinate)
  .map(([angle, x, y]) => [
    [Math.cos(angle), -Math.sin(angle), x],
    [Math.sin(angle), Math.cos(angle), y],
  ]);

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  for (const [index, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[index]!) < 1e-6, `${String(actual)} is not ${String(expected)}`);
  }
}

describe('transforms', () => {
  test('an inverse undoes what it is the inverse of', () => {
    fc.assert(
      fc.property(turned, (transform) => {
        assertClose(product(inverse(transform), transform).flat(), [1, 0, 0, 0, 1, 0]);
      }),
    );
  });

  test('in a turned container a layer is upright on the page, with its corner where it is wanted', () => {
    fc.assert(
      fc.property(turned, coordinate, coordinate, (container, x, y) => {
        const onPage = product(container, uprightIn(container, { x, y }));
        assertClose(onPage.flat(), [1, 0, x, 0, 1, y]);
        assert.ok(isUpright(onPage));
      }),
    );
  });

  test('a quarter turn and a mirror image are not upright, a move is', () => {
    const of = (a: number, b: number, c: number, d: number): Transform => [
      [a, b, 5],
      [c, d, 6],
    ];
    assert.deepEqual([of(1, 0, 0, 1), of(0, -1, 1, 0), of(-1, 0, 0, 1), of(1, 0, 0, -1)].map(isUpright), [
      true,
      false,
      false,
      false,
    ]);
  });

  test('one that leaves no area has no inverse', () => {
    assert.throws(
      () =>
        inverse([
          [1, 1, 0],
          [1, 1, 0],
        ]),
      RangeError,
    );
  });
});

describe('pixels and units', () => {
  test('what goes from the page to pixels comes back to the same place', () => {
    fc.assert(
      fc.property(rect, rect, scale, (area, { x, y }, pixelsOfUnit) => {
        const grid = { origin: { x, y }, scale: pixelsOfUnit };
        const back = unitsOf(pixelsOf(area, grid), grid);
        assertClose([back.x, back.y, back.width, back.height], [area.x, area.y, area.width, area.height]);
      }),
    );
  });

  test('margins become whole pixels, at most half a pixel off', () => {
    const margin = fc.double({ min: 0, max: 500, noNaN: true });
    const margins = fc.record({ left: margin, top: margin, right: margin, bottom: margin });
    fc.assert(
      fc.property(margins, scale, (units, pixelsOfUnit) => {
        const pixels = marginPixels(units, pixelsOfUnit);
        const back = marginUnits(pixels, pixelsOfUnit);
        for (const side of ['left', 'top', 'right', 'bottom'] as const) {
          assert.ok(Number.isInteger(pixels[side]));
          assert.ok(Math.abs(back[side] - units[side]) <= 0.5 / pixelsOfUnit + 1e-9);
        }
      }),
    );
  });
});

describe('the first pixel of an export', () => {
  const box = { x: 10.4, y: 20, width: 100, height: 50 };

  test("is the page's own, as many as are touched", () => {
    assert.deepEqual(exportOrigin(box, { scale: 1, pixels: { width: 101, height: 50 } }), { x: 10, y: 20 });
    assert.deepEqual(exportOrigin(box, { scale: 2, pixels: { width: 201, height: 100 } }), { x: 10, y: 20 });
    const odd = { ...box, width: 100.5 };
    assert.equal(exportOrigin(odd, { scale: 1, pixels: { width: 101, height: 50 } }).x, 10);
  });

  test('is at the corner of what is exported where fewer have come', () => {
    assert.deepEqual(exportOrigin(box, { scale: 1, pixels: { width: 100, height: 50 } }), { x: 10.4, y: 20 });
  });

  test('is never a whole pixel away', () => {
    fc.assert(
      fc.property(rect, scale, fc.integer({ min: 0, max: 2 }), (area, pixelsOfUnit, extra) => {
        const pixels = {
          width: Math.ceil(area.width * pixelsOfUnit) + extra,
          height: Math.ceil(area.height * pixelsOfUnit) + extra,
        };
        const origin = exportOrigin(area, { scale: pixelsOfUnit, pixels });
        assert.ok(area.x - origin.x > -1e-2 && area.x - origin.x < 1 / pixelsOfUnit + 1e-2);
      }),
    );
  });
});

describe('what is drawn outside a box', () => {
  const box = { x: 10, y: 20, width: 100, height: 50 };
  const grown = { x: 5, y: 20, width: 105, height: 50 };

  test('is told at each side, rounding apart', () => {
    assert.ok(!reachesBeyond(box, box));
    assert.ok(!reachesBeyond({ x: 9.995, y: 19.995, width: 100.01, height: 50.01 }, box));
    assert.ok(reachesBeyond(grown, box) && reachesBeyond({ ...box, width: 101 }, box));
    assert.ok(reachesBeyond({ ...box, y: 19 }, box) && reachesBeyond({ ...box, height: 51 }, box));
  });

  test('is in an export of its own size alone', () => {
    assert.ok(isExportOf(grown, { scale: 2, pixels: { width: 211, height: 100 } }));
    assert.ok(!isExportOf(grown, { scale: 2, pixels: { width: 200, height: 100 } }));
  });
});

describe('a row of copies', () => {
  const original: Rect = { x: 100, y: 50, width: 200, height: 100 };

  test('begins beside the original, with a gap before each', () => {
    assert.deepEqual(rowBeside(original, { count: 3, gap: 40, obstacles: [] }), [340, 580, 820]);
  });

  test('goes on beyond what is in the way, and minds nothing above or below', () => {
    const obstacles = [
      { x: 500, y: 0, width: 100, height: 60 },
      { x: 900, y: 140, width: 10, height: 500 },
      { x: 340, y: 150, width: 600, height: 600 },
    ];
    assert.deepEqual(rowBeside(original, { count: 1, gap: 40, obstacles }), [640]);
    assert.deepEqual(rowBeside(original, { count: 2, gap: 40, obstacles }), [950, 1190]);
  });

  test('covers no obstacle, is to the right of the original, and keeps the gap, wherever things are', () => {
    const options = fc.record({
      count: fc.integer({ min: 1, max: 8 }),
      gap: fc.integer({ min: 1, max: 100 }),
      obstacles: fc.array(rect, { maxLength: 12 }),
    });
    fc.assert(
      fc.property(rect, options, (frame, { count, gap, obstacles }) => {
        const lefts = rowBeside(frame, { count, gap, obstacles });
        assert.equal(lefts.length, count);
        for (const [index, x] of lefts.entries()) {
          assert.ok(x >= frame.x + frame.width + gap - 1e-6);
          if (index > 0) assert.ok(Math.abs(x - lefts[index - 1]! - frame.width - gap) < 1e-6);
          const copy = { ...frame, x: x + 1e-6, width: frame.width - 2e-6 };
          assert.ok(!obstacles.some((obstacle) => meet(obstacle, copy)));
        }
      }),
    );
  });
});
