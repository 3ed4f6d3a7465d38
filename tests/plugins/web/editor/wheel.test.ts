import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WheelTurn, wheelAction } from '../../../../plugins/web/editor/wheel.ts';

function turn(change: Partial<WheelTurn>): WheelTurn {
  return { deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, metaKey: false, shiftKey: false, ...change };
}

test('a notch of a mouse wheel zooms: away from the user is nearer', () => {
  const nearer = wheelAction(turn({ deltaY: -120 }));
  const farther = wheelAction(turn({ deltaY: 3, deltaMode: 1, ctrlKey: true }));
  assert.ok(nearer.type === 'zoom' && nearer.factor > 1.1 && nearer.factor < 1.6);
  assert.ok(farther.type === 'zoom' && farther.factor < 1);
});

test('two fingers on a trackpad pan, a pinch zooms', () => {
  assert.deepEqual(wheelAction(turn({ deltaX: 3, deltaY: -8 })), { type: 'pan', by: { x: -3, y: 8 } });
  const pinch = wheelAction(turn({ deltaY: 4, ctrlKey: true }));
  assert.ok(pinch.type === 'zoom' && pinch.factor < 1 && pinch.factor > 0.9);
});

test('Shift pans sideways, whichever axis the browser tells', () => {
  const expected = { type: 'pan', by: { x: -120, y: 0 } };
  const byY = wheelAction(turn({ deltaY: 120, shiftKey: true }));
  const byX = wheelAction(turn({ deltaX: 120, shiftKey: true }));
  for (const action of [byY, byX]) {
    assert.ok(action.type === 'pan');
    assert.deepEqual({ type: action.type, by: { x: action.by.x, y: action.by.y + 0 } }, expected);
  }
});

test('one event never zooms by more than a factor of about two', () => {
  const wild = wheelAction(turn({ deltaY: -5_000, ctrlKey: true }));
  assert.ok(wild.type === 'zoom' && wild.factor > 1.9 && wild.factor < 2.1);
});
