import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { handleAt, handlePositions } from '../../../../plugins/web/canvas/expand-frame.ts';

const viewport = { scale: 0.5, origin: { x: -100, y: -60 } };
const frame = { left: -40, top: 0, width: 800, height: 600 };

test('each handle is found where it is drawn, also with a finger a little off', () => {
  for (const { handle, x, y } of handlePositions(frame, viewport)) {
    assert.equal(handleAt(frame, viewport, { x, y }), handle);
    assert.equal(handleAt(frame, viewport, { x: x + 10, y: y - 10 }), handle);
  }
});

test('a side is found along its whole length, and nothing inside or outside the frame', () => {
  const [topLeft, , , bottomRight] = handlePositions(frame, viewport);
  assert.equal(handleAt(frame, viewport, { x: topLeft!.x + 60, y: topLeft!.y + 5 }), 'top');
  assert.equal(handleAt(frame, viewport, { x: bottomRight!.x - 3, y: bottomRight!.y - 70 }), 'right');
  assert.equal(handleAt(frame, viewport, { x: topLeft!.x + 60, y: topLeft!.y + 60 }), null);
  assert.equal(handleAt(frame, viewport, { x: topLeft!.x - 40, y: topLeft!.y + 60 }), null);
});

test('in a frame of a single pixel a corner is still found', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 4, noNaN: true }), (scale) => {
      const small = { left: 5, top: 5, width: 1, height: 1 };
      const view = { scale, origin: { x: 0, y: 0 } };
      assert.equal(handleAt(small, view, { x: 5 * scale, y: 5 * scale }), 'top-left');
    }),
  );
});
