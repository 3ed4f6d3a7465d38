import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundsOf, contains } from '../../../engine/image/bounds.ts';
import { contextBounds, patchMatchContext } from '../../../engine/image/context.ts';
import { boundsInside } from './arbitraries.ts';

test('a context contains the mask, lies in the canvas and has the full padding or the whole canvas on each axis', () => {
  const side = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 300_000 }));
  const canvasAndMask = fc
    .record({ width: side, height: side })
    .chain((canvas) => boundsInside(canvas).map((mask) => ({ canvas, mask })));
  fc.assert(
    fc.property(canvasAndMask, ({ canvas, mask }) => {
      const context = contextBounds(mask, { canvas });
      assert.ok(contains(context, mask));
      assert.ok(contains(boundsOf(canvas), context));
      const longest = Math.max(mask.width, mask.height);
      const padding = Math.max(
        patchMatchContext.minPadding,
        Math.ceil(longest * patchMatchContext.paddingRatio),
      );
      assert.equal(context.width, Math.min(canvas.width, mask.width + 2 * padding));
      assert.equal(context.height, Math.min(canvas.height, mask.height + 2 * padding));
    }),
  );
});

test('a mask in the middle has the same surroundings on all sides, one in the corner as many pixels of them', () => {
  const canvas = { width: 4000, height: 3000 };
  const middle = contextBounds({ left: 1900, top: 1400, width: 200, height: 100 }, { canvas });
  assert.deepEqual(middle, { left: 1500, top: 1000, width: 1000, height: 900 });
  const corner = contextBounds({ left: 3800, top: 2900, width: 200, height: 100 }, { canvas });
  assert.deepEqual(corner, { left: 3000, top: 2100, width: 1000, height: 900 });
});

test('a single pixel gets the least padding', () => {
  const context = contextBounds(
    { left: 500, top: 500, width: 1, height: 1 },
    { canvas: { width: 1000, height: 1000 } },
  );
  assert.deepEqual(context, { left: 308, top: 308, width: 385, height: 385 });
});
