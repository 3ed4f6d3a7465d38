import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AREA_PER_HOLE_PIXEL,
  measureHole,
  SMALL_AREA,
  workingArea,
} from '../../../engine/fill/working-area.ts';
import { boundsOf, contains } from '../../../engine/image/bounds.ts';
import { contextBounds, patchMatchContext } from '../../../engine/image/context.ts';
import { boundsInside } from '../image/arbitraries.ts';

test('a hole is measured by what of its mask can be seen, its bounds by what is not 0', () => {
  const data = new Uint8Array(40);
  assert.equal(measureHole({ width: 8, height: 5, data }), null);
  data[10] = 5;
  data[21] = 4;
  data[30] = 255;
  assert.deepEqual(measureHole({ width: 8, height: 5, data }), {
    bounds: { left: 2, top: 1, width: 5, height: 3 },
    pixels: 2,
  });
});

test('a working area contains the hole, lies in its context, and is smaller only where that is large', () => {
  const side = fc.integer({ min: 1, max: 30_000 });
  const canvasAndHole = fc.record({ width: side, height: side }).chain((canvas) =>
    fc.record({
      canvas: fc.constant(canvas),
      bounds: boundsInside(canvas),
      share: fc.double({ min: 0.001, max: 1, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(canvasAndHole, ({ canvas, bounds, share }) => {
      const pixels = Math.ceil(bounds.width * bounds.height * share);
      const area = workingArea({ bounds, pixels }, canvas);
      const context = contextBounds(bounds, { canvas });
      assert.ok(contains(area, bounds));
      assert.ok(contains(context, area));
      assert.ok(contains(boundsOf(canvas), area));
      const most = Math.max(SMALL_AREA, AREA_PER_HOLE_PIXEL * pixels);
      if (context.width * context.height <= most) assert.deepEqual(area, context);
      const least = 2 * patchMatchContext.minPadding;
      assert.ok(area.width * area.height <= Math.max(most, (bounds.width + least) * (bounds.height + least)));
    }),
  );
});

test('up to its limit a context is kept whole, one pixel past it it is cut', () => {
  // The context of a hole a pixel high is as wide as five times its width.
  const canvas = { width: 4096, height: 1024 };
  const bounds = { left: 0, top: 500, width: 4096, height: 1 };
  assert.equal(SMALL_AREA, canvas.width * canvas.height);
  // 423 px on each side: (4096 + 846) (1 + 846) is the limit, of which the picture has less.
  assert.deepEqual(workingArea({ bounds, pixels: 4096 }, canvas), boundsOf(canvas));
  const taller = { ...canvas, height: canvas.height + 1 };
  const cut = workingArea({ bounds, pixels: 4096 }, taller);
  assert.deepEqual(cut, { ...boundsOf(taller), top: 77, height: 847 });
});

test('a wire across 50 megapixels has less than a tenth of them around it', () => {
  const canvas = { width: 8660, height: 5774 };
  const bounds = { left: 2000, top: 3000, width: 3000, height: 8 };
  const { width, height } = workingArea({ bounds, pixels: 24_000 }, canvas);
  assert.ok(width * height <= SMALL_AREA && width * height > 0.99 * SMALL_AREA, `${width} x ${height}`);
});
