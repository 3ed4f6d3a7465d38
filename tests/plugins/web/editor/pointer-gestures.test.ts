import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type GestureTarget,
  PointerGestures,
  type PointerSample,
} from '../../../../plugins/web/editor/pointer-gestures.ts';

const plain = { shift: false, alt: false, isPan: false };

function sample(id: number, x: number, y: number, kind: PointerSample['kind'] = 'touch'): PointerSample {
  return { id, x, y, kind, pressure: 1 };
}

/** Writes down what it is told. */
class Recorder implements GestureTarget {
  readonly calls: string[] = [];
  canDraw = true;

  beginStroke({ x, y }: PointerSample): boolean {
    if (this.canDraw) this.calls.push(`begin ${x},${y}`);
    return this.canDraw;
  }

  extendStroke(samples: readonly PointerSample[]): void {
    this.calls.push(`extend ${samples.map(({ x, y }) => `${x},${y}`).join(' ')}`);
  }

  endStroke(): void {
    this.calls.push('end');
  }

  cancelStroke(): void {
    this.calls.push('cancel');
  }

  pan({ x, y }: { readonly x: number; readonly y: number }): void {
    this.calls.push(`pan ${x},${y}`);
  }

  zoom({ x, y }: { readonly x: number; readonly y: number }, factor: number): void {
    this.calls.push(`zoom ${x},${y} ${factor}`);
  }
}

function gestures() {
  const target = new Recorder();
  return { target, gestures: new PointerGestures(target), calls: target.calls };
}

test('a press, its path and its release are a stroke, with every position in between', () => {
  const { gestures: pointers, calls } = gestures();
  pointers.down(sample(1, 5, 6, 'mouse'), plain);
  pointers.move([sample(1, 7, 8, 'mouse'), sample(1, 9, 9, 'mouse')]);
  pointers.up(1);
  assert.deepEqual(calls, ['begin 5,6', 'extend 7,8 9,9', 'end']);
  assert.equal(pointers.isActive, false);
});

test('a second finger takes the stroke back, then moves and zooms about the middle', () => {
  const { gestures: pointers, calls } = gestures();
  pointers.down(sample(1, 0, 0), plain);
  pointers.move([sample(1, 2, 0)]);
  pointers.down(sample(2, 102, 0), plain);
  pointers.move([sample(2, 202, 0)]);
  pointers.up(2);
  pointers.move([sample(1, 50, 50)]);
  pointers.up(1);
  assert.deepEqual(calls, ['begin 0,0', 'extend 2,0', 'cancel', 'pan 50,0', 'zoom 102,0 2']);
});

test('after a pinch the next finger draws again', () => {
  const { gestures: pointers, calls } = gestures();
  for (const id of [1, 2]) pointers.down(sample(id, id * 10, 0), plain);
  for (const id of [1, 2]) pointers.up(id);
  pointers.down(sample(3, 1, 1), plain);
  assert.deepEqual(calls.at(-1), 'begin 1,1');
});

test('the hand pans, and so does any press where nothing can be drawn', () => {
  const hand = gestures();
  hand.gestures.down(sample(1, 0, 0, 'mouse'), { ...plain, isPan: true });
  hand.gestures.move([sample(1, 3, 4, 'mouse')]);
  hand.gestures.up(1);
  assert.deepEqual(hand.calls, ['pan 3,4']);
  const locked = gestures();
  locked.target.canDraw = false;
  locked.gestures.down(sample(1, 0, 0, 'mouse'), plain);
  locked.gestures.move([sample(1, 3, 4, 'mouse')]);
  assert.deepEqual(locked.calls, ['pan 3,4']);
});

test('once a pen was seen, a finger moves the picture instead of drawing', () => {
  const { gestures: pointers, calls } = gestures();
  pointers.down(sample(1, 0, 0, 'pen'), plain);
  pointers.up(1);
  pointers.down(sample(2, 0, 0, 'touch'), plain);
  pointers.move([sample(2, 1, 1, 'touch')]);
  assert.deepEqual(calls, ['begin 0,0', 'end', 'pan 1,1']);
});

test('a pointer that the system takes away leaves no stroke', () => {
  const { gestures: pointers, calls } = gestures();
  pointers.down(sample(1, 0, 0), plain);
  pointers.cancel(1);
  pointers.up(1);
  assert.deepEqual(calls, ['begin 0,0', 'cancel']);
});
