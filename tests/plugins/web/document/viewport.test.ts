import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  clamped,
  fitted,
  panned,
  toDocument,
  toScreen,
  zoomedAt,
} from '../../../../plugins/web/document/viewport.ts';

const anyPoint = fc.record({
  x: fc.double({ min: -5000, max: 5000, noNaN: true }),
  y: fc.double({ min: -5000, max: 5000, noNaN: true }),
});
const anyViewport = fc.record({ scale: fc.double({ min: 0.01, max: 64, noNaN: true }), origin: anyPoint });
const anyArea = fc.record({
  width: fc.integer({ min: 1, max: 9000 }),
  height: fc.integer({ min: 1, max: 9000 }),
});
const limits = { min: 0.01, max: 64 };
const near = (a: { x: number; y: number }, b: { x: number; y: number }, tolerance = 1e-6) =>
  assert.ok(Math.hypot(a.x - b.x, a.y - b.y) <= tolerance, `${a.x}, ${a.y} is not ${b.x}, ${b.y}`);

test('from the document to the screen and back is the same point', () => {
  fc.assert(
    fc.property(anyViewport, anyPoint, (viewport, p) => near(toDocument(viewport, toScreen(viewport, p)), p)),
  );
});

test('zooming about a point keeps that point where it is, also at the limits', () => {
  fc.assert(
    fc.property(
      anyViewport,
      anyPoint,
      fc.double({ min: 0.001, max: 1000, noNaN: true }),
      (viewport, point, factor) => {
        const zoomed = zoomedAt(viewport, { point, factor, limits });
        assert.ok(zoomed.scale >= limits.min && zoomed.scale <= limits.max);
        const before = toDocument(viewport, point);
        near(toDocument(zoomed, point), before, 1e-6 * (1 + Math.hypot(before.x, before.y)));
      },
    ),
  );
});

test('panning keeps what is under the pointer under it', () => {
  fc.assert(
    fc.property(anyViewport, anyPoint, anyPoint, (viewport, from, by) => {
      const under = toDocument(viewport, from);
      near(toScreen(panned(viewport, by), under), { x: from.x + by.x, y: from.y + by.y }, 1e-3);
    }),
  );
});

test('a fitted area is in the middle, inside the padding, and not larger than allowed', () => {
  fc.assert(
    fc.property(anyArea, anyArea, (size, screen) => {
      const area = { left: -7, top: 12, ...size };
      const viewport = fitted(area, { screen, padding: 24, maxScale: 1 });
      assert.ok(viewport.scale <= 1 && viewport.scale > 0);
      const middle = { x: area.left + area.width / 2, y: area.top + area.height / 2 };
      near(toScreen(viewport, middle), { x: screen.width / 2, y: screen.height / 2 }, 1e-3);
      if (screen.width > 48) assert.ok(area.width * viewport.scale <= screen.width - 48 + 1e-6);
      if (screen.height > 48) assert.ok(area.height * viewport.scale <= screen.height - 48 + 1e-6);
    }),
  );
});

test('clamped, some of the document stays in view, and clamping again moves nothing', () => {
  fc.assert(
    fc.property(anyViewport, anyArea, anyArea, (viewport, size, screen) => {
      const kept = clamped(viewport, { size, screen, margin: 64 });
      assert.equal(kept.scale, viewport.scale);
      const start = toScreen(kept, { x: 0, y: 0 });
      const end = toScreen(kept, { x: size.width, y: size.height });
      const seenX = Math.min(end.x, screen.width) - Math.max(start.x, 0);
      const seenY = Math.min(end.y, screen.height) - Math.max(start.y, 0);
      assert.ok(seenX >= Math.min(64, size.width * kept.scale, screen.width) - 1e-6);
      assert.ok(seenY >= Math.min(64, size.height * kept.scale, screen.height) - 1e-6);
      near(clamped(kept, { size, screen, margin: 64 }).origin, kept.origin, 1e-9);
    }),
  );
});

test('a view that shows enough of the document is left where it is', () => {
  const viewport = { scale: 2, origin: { x: 10, y: -20 } };
  const screen = { width: 800, height: 600 };
  assert.deepEqual(clamped(viewport, { size: { width: 500, height: 400 }, screen, margin: 64 }), viewport);
});
