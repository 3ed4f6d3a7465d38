import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { History } from '../../../../plugins/web/document/history.ts';

interface State {
  readonly name: number;
  readonly buffers: readonly ArrayBuffer[];
}
const state = (name: number, ...buffers: ArrayBuffer[]): State => ({ name, buffers });
const limits = (maxSteps: number, maxBytes = Number.POSITIVE_INFINITY) => ({
  maxSteps,
  maxBytes,
  buffersOf: ({ buffers }: State) => buffers,
});
function stepsBack(history: History<State>): number[] {
  const names: number[] = [];
  for (let h = history.undo(), last = history; h !== last; last = h, h = h.undo()) names.push(h.present.name);
  return names;
}

test('undo and redo walk the same states both ways, and name the step', () => {
  let history = History.startingWith(state(0), limits(10)).push(state(1), 'Brush').push(state(2), 'Remove');
  assert.equal(history.undoLabel, 'Remove');
  assert.equal(history.redoLabel, undefined);
  history = history.undo();
  assert.deepEqual([history.present.name, history.undoLabel, history.redoLabel], [1, 'Brush', 'Remove']);
  history = history.undo();
  assert.deepEqual([history.present.name, history.canUndo, history.redoLabel], [0, false, 'Brush']);
  assert.equal(history.undo(), history);
  history = history.redo().redo();
  assert.deepEqual([history.present.name, history.canRedo], [2, false]);
  assert.equal(history.redo(), history);
});

test('a new step forgets what could be redone; replacing the present does not count as a step', () => {
  const undone = History.startingWith(state(0), limits(10)).push(state(1), 'a').push(state(2), 'b').undo();
  const pushed = undone.push(state(3), 'c');
  assert.ok(!pushed.canRedo);
  assert.deepEqual(stepsBack(pushed), [1, 0]);
  const replaced = pushed.replace(state(4)).replace(state(5));
  assert.equal(replaced.present.name, 5);
  assert.deepEqual(stepsBack(replaced), [1, 0]);
});

test('at its limit of steps it forgets the oldest', () => {
  let history = History.startingWith(state(0), limits(3));
  for (let name = 1; name <= 3; name++) history = history.push(state(name), '');
  assert.deepEqual(stepsBack(history), [2, 1, 0]);
  assert.deepEqual(stepsBack(history.push(state(4), '')), [3, 2, 1]);
});

test('at its limit of bytes it forgets the oldest; the present costs nothing', () => {
  const bytes = (length: number) => new ArrayBuffer(length);
  let history = History.startingWith(state(0, bytes(50)), limits(10, 100));
  history = history.push(state(1, bytes(50)), '').push(state(2, bytes(5000)), '');
  assert.deepEqual(stepsBack(history), [1, 0], 'exactly 100');
  history = history.push(state(3), '');
  assert.deepEqual(stepsBack(history), [], 'the 5000 are past now');
});

test('what states share is counted once, and what the present still holds not at all', () => {
  const base = new ArrayBuffer(1_000_000);
  const tiles = [1, 2, 3, 4].map(() => new ArrayBuffer(40));
  let history = History.startingWith(state(0, base, tiles[0]!), limits(10, 120));
  for (let name = 1; name <= 3; name++) {
    history = history.push(state(name, base, tiles[name - 1]!, tiles[name]!), '');
  }
  assert.deepEqual(stepsBack(history), [2, 1, 0], 'three tiles besides, minus the one still held');
});

test('any sequence of steps behaves as two plain stacks', () => {
  const anySteps = fc.array(fc.constantFrom('push', 'undo', 'redo', 'replace'), { maxLength: 60 });
  fc.assert(
    fc.property(anySteps, fc.integer({ min: 1, max: 5 }), (steps, maxSteps) => {
      let history = History.startingWith(state(0), limits(maxSteps));
      let [past, present, future]: [number[], number, number[]] = [[], 0, []];
      steps.forEach((step, i) => {
        if (step === 'push') {
          history = history.push(state(i + 1), '');
          [past, present, future] = [[...past, present].slice(-maxSteps), i + 1, []];
        } else if (step === 'replace') {
          history = history.replace(state(i + 1));
          present = i + 1;
        } else if (step === 'undo') {
          history = history.undo();
          if (past.length > 0)
            [past, present, future] = [past.slice(0, -1), past.at(-1)!, [present, ...future]];
        } else {
          history = history.redo();
          if (future.length > 0) [past, present, future] = [[...past, present], future[0]!, future.slice(1)];
        }
        assert.equal(history.present.name, present);
        assert.deepEqual([history.canUndo, history.canRedo], [past.length > 0, future.length > 0]);
      });
    }),
  );
});
