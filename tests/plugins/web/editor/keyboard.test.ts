import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, type KeyPress, keyBindings, keyCaps } from '../../../../plugins/web/editor/keyboard.ts';

function press(key: string, modifiers: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers };
}

test('no key means two things', () => {
  const keys = keyBindings.flatMap((binding) => binding.keys);
  assert.deepEqual(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    [],
  );
});

test('letters choose tools in either case, Ctrl and Cmd do the same', () => {
  assert.equal(commandFor(press('b'), 'picture'), 'tool-brush');
  assert.equal(commandFor(press('B'), 'picture'), 'tool-brush');
  assert.equal(commandFor(press('z', { ctrlKey: true }), 'picture'), 'undo');
  assert.equal(commandFor(press('z', { metaKey: true }), 'picture'), 'undo');
  assert.equal(commandFor(press('Z', { ctrlKey: true, shiftKey: true }), 'picture'), 'redo');
  assert.equal(commandFor(press('y', { ctrlKey: true }), 'picture'), 'redo');
});

test('signs that need Shift on some keyboards work with and without it', () => {
  assert.equal(commandFor(press('?', { shiftKey: true }), 'picture'), 'shortcuts');
  assert.equal(commandFor(press('?'), 'picture'), 'shortcuts');
  assert.equal(commandFor(press('+', { shiftKey: true }), 'picture'), 'zoom-in');
  assert.equal(commandFor(press('='), 'picture'), 'zoom-in');
});

test('a focused control keeps Enter and arrows, a text field all but shortcuts of the page', () => {
  assert.equal(commandFor(press('Enter'), 'picture'), 'run-primary');
  assert.equal(commandFor(press('Enter'), 'control'), undefined);
  assert.equal(commandFor(press('ArrowLeft'), 'control'), undefined);
  assert.equal(commandFor(press('b'), 'control'), 'tool-brush');
  assert.equal(commandFor(press('b'), 'text'), undefined);
  assert.equal(commandFor(press('z', { ctrlKey: true }), 'text'), undefined);
  assert.equal(commandFor(press('s', { ctrlKey: true }), 'text'), 'download');
});

test('what the page has no use for stays with the browser', () => {
  assert.equal(commandFor(press('r', { ctrlKey: true }), 'picture'), undefined);
  assert.equal(commandFor(press('b', { altKey: true }), 'picture'), undefined);
  assert.equal(commandFor(press('F5'), 'picture'), undefined);
  assert.equal(commandFor(press('I', { ctrlKey: true, shiftKey: true }), 'picture'), undefined);
});

test('the sheet shows keys as they are printed', () => {
  const capsOf = (command: string, isMac: boolean) =>
    keyCaps(keyBindings.find((binding) => binding.command === command)!, isMac);
  assert.deepEqual(capsOf('redo', false), ['Ctrl', 'Shift', 'Z']);
  assert.deepEqual(capsOf('redo', true), ['⌘', '⇧', 'Z']);
  assert.deepEqual(capsOf('zoom-in', false), ['+']);
});
