import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '../../../engine/errors.ts';
import { boundsOf, contains } from '../../../engine/image/bounds.ts';
import { fadeInWeight, planTiles, type TileSpan, type TilingOptions } from '../../../engine/image/tiles.ts';

const anyOptions: fc.Arbitrary<TilingOptions> = fc
  .record({
    units: fc.integer({ min: 1, max: 40 }),
    multiple: fc.constantFrom(1, 2, 4),
    overlap: fc.nat(80),
    trim: fc.nat(40),
  })
  .map(({ units, multiple, overlap, trim }) => {
    const tileSize = units * multiple;
    const allowed = Math.floor(Math.min(overlap, tileSize / 2) / multiple) * multiple;
    return { tileSize, multiple, overlap: allowed, trim: Math.min(trim, Math.floor(allowed / 2)) };
  });
const anyLength = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 2, 299_999, 300_000));

/** How much each tile counts at a pixel, as exact fractions of the fade's denominator. */
function weightsAt(spans: readonly TileSpan[], x: number): number[] {
  return spans.map(({ fadeIn, fadeOut }) => {
    if (x < fadeIn.start || x >= fadeOut.end) return 0;
    if (x < fadeIn.end) return fadeInWeight(x - fadeIn.start, fadeIn.end - fadeIn.start);
    if (x >= fadeOut.start) return 1 - fadeInWeight(x - fadeOut.start, fadeOut.end - fadeOut.start);
    return 1;
  });
}

describe('planTiles', () => {
  test('tiles lie in the picture, begin at multiples, have one size and are as few as can cover it with that overlap', () => {
    const picture = fc.record({
      width: fc.integer({ min: 1, max: 300 }),
      height: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(picture, anyOptions, (size, options) => {
        const plan = planTiles(size, options);
        assert.equal(plan.tiles.length, plan.columns.length * plan.rows.length);
        for (const { bounds } of plan.tiles) {
          assert.ok(contains(boundsOf(size), bounds));
          const missing = (side: number, tile: number) => Math.min(options.tileSize, side) - tile;
          // The last one ends with the picture, up to a multiple early.
          const endsWithPicture = [
            bounds.left + bounds.width === size.width,
            bounds.top + bounds.height === size.height,
          ];
          [missing(size.width, bounds.width), missing(size.height, bounds.height)].forEach((pixels, axis) => {
            assert.ok(pixels === 0 || (endsWithPicture[axis] && pixels > 0 && pixels < options.multiple));
          });
          assert.equal(bounds.left % options.multiple, 0);
          assert.equal(bounds.top % options.multiple, 0);
        }
        for (const [count, length] of [
          [plan.columns.length, size.width],
          [plan.rows.length, size.height],
        ] as const) {
          const reach = (tiles: number) => tiles * options.tileSize - (tiles - 1) * options.overlap;
          assert.ok(reach(count) >= length);
          assert.ok(count === 1 || reach(count - 1) < length);
        }
        assert.equal(plan.input.width % options.multiple, 0);
        assert.ok(plan.input.width >= plan.tiles[0]!.bounds.width);
        assert.ok(plan.input.width < plan.tiles[0]!.bounds.width + options.multiple);
      }),
    );
  });

  test('at every pixel the weights sum to exactly 1, and no tile counts within the trim of an inner edge', () => {
    fc.assert(
      fc.property(anyLength, anyOptions, (length, options) => {
        fc.pre(length <= 300 || options.tileSize - options.overlap > 20);
        const spans = planTiles({ width: length, height: 1 }, options).columns;
        const step = Math.max(1, Math.floor(length / 400));
        for (let x = 0; x < length; x += step) {
          const nearby = spans.filter(({ input }) => input.end > x && input.start <= x);
          assert.equal(
            weightsAt(nearby, x).reduce((sum, weight) => sum + weight, 0),
            1,
          );
        }
        spans.forEach(({ input, fadeIn, fadeOut }, i) => {
          assert.ok(
            fadeIn.start <= fadeIn.end && fadeIn.end <= fadeOut.start && fadeOut.start <= fadeOut.end,
          );
          if (i > 0) assert.ok(fadeIn.start - input.start >= options.trim);
          if (i < spans.length - 1) assert.equal(input.end - fadeOut.end, options.trim);
          if (i > 0) assert.deepEqual(fadeIn, spans[i - 1]!.fadeOut);
        });
        assert.equal(spans[0]!.fadeIn.start, 0);
        assert.equal(spans.at(-1)!.fadeOut.end, length);
      }),
      { numRuns: 100 },
    );
  });

  test('the last tile is shifted inside, not cut', () => {
    const { columns } = planTiles(
      { width: 200, height: 50 },
      { tileSize: 96, overlap: 16, trim: 4, multiple: 4 },
    );
    assert.deepEqual(
      columns.map(({ input }) => input),
      [
        { start: 0, end: 96 },
        { start: 80, end: 176 },
        { start: 104, end: 200 },
      ],
    );
    const odd = planTiles({ width: 199, height: 50 }, { tileSize: 96, overlap: 16, trim: 4, multiple: 4 });
    assert.deepEqual(odd.columns.at(-1)!.input, { start: 104, end: 199 });
  });

  test('a picture smaller than a tile is one tile, its input rounded up to the multiple', () => {
    const plan = planTiles({ width: 33, height: 1 }, { tileSize: 64, overlap: 16, trim: 4, multiple: 4 });
    assert.equal(plan.tiles.length, 1);
    assert.deepEqual(plan.tiles[0]!.bounds, { left: 0, top: 0, width: 33, height: 1 });
    assert.deepEqual(plan.input, { width: 36, height: 4 });
  });

  test('options at the limit are taken, one past it refused', () => {
    const picture = { width: 100, height: 100 };
    const atLimit = { tileSize: 64, overlap: 32, trim: 16, multiple: 32 };
    assert.ok(planTiles(picture, atLimit).tiles.length > 1);
    for (const beyond of [{ overlap: 33, multiple: 1 }, { trim: 17 }, { multiple: 31 }, { multiple: 64 }]) {
      assert.throws(
        () => planTiles(picture, { ...atLimit, ...beyond }),
        (error) => error instanceof EngineError && error.code === 'invalid-option',
      );
    }
  });
});
