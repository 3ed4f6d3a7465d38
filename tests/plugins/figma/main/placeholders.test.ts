import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { CanvasNode } from '../../../../plugins/figma/main/canvas-node.ts';
import { maxPlaceholders, nodeAt, placeholdersOf } from '../../../../plugins/figma/main/placeholders.ts';
import { draw, grey, image } from './drawn.ts';

const blue: Paint = { type: 'SOLID', color: { r: 0.1, g: 0.2, b: 0.9 } };

function greyOf(value: number, opacity = 1): Paint {
  return { type: 'SOLID', color: { r: value, g: value, b: value }, opacity };
}

/** Names of those that are placeholders. */
function found(...children: readonly CanvasNode[]): readonly string[] {
  const frame = draw('Frame', { type: 'FRAME', children });
  return placeholdersOf(frame).map(({ path }) => nodeAt(frame, path)!.name);
}

describe('placeholders', () => {
  test('are images, plain grey shapes, and shapes and empty frames that are called pictures', () => {
    const names = found(
      draw('Team', { fills: [image] }),
      draw('Box', { type: 'ELLIPSE', fills: [grey] }),
      draw('Hero', { fills: [blue] }),
      draw('Product photo', { type: 'FRAME', fills: [blue], children: [] }),
      draw('Button', { fills: [blue] }),
      draw('Heroine', { fills: [blue] }),
      draw('Card image', { type: 'FRAME', fills: [blue], children: [draw('Inside', { fills: [blue] })] }),
      draw('Photo', { type: 'TEXT' }),
    );
    assert.deepEqual(names, ['Team', 'Box', 'Hero', 'Product photo']);
  });

  test('are found in frames and groups within, at their path', () => {
    const photo = draw('Photo', { fills: [image] });
    const row = draw('Row', {
      type: 'FRAME',
      fills: [blue],
      children: [draw('Text', { type: 'TEXT' }), photo],
    });
    const group = draw('Group', { type: 'GROUP', children: [row] });
    const frame = draw('Frame', { type: 'FRAME', children: [draw('Title', { type: 'TEXT' }), group] });
    assert.deepEqual(placeholdersOf(frame), [{ path: [1, 0, 1], width: 100, height: 100 }]);
    assert.equal(nodeAt(frame, [1, 0, 1]), photo);
    assert.equal(nodeAt(frame, [1, 4, 1]), undefined);
  });

  test('are neither hidden, nor locked, nor in an instance, nor smaller than an icon', () => {
    const icon = (side: number) => draw(`Icon ${side}`, { fills: [image], box: [0, 0, side, 100] });
    const names = found(
      draw('Hidden', { fills: [image], visible: false }),
      draw('Hidden frame', { type: 'FRAME', visible: false, children: [draw('In it', { fills: [image] })] }),
      draw('Locked', { fills: [image], locked: true }),
      draw('Card', { type: 'INSTANCE', children: [draw('Part', { fills: [image] })] }),
      icon(23.9),
      icon(24),
      draw('Plain', { fills: [{ ...image, visible: false }, blue] }),
    );
    assert.deepEqual(names, ['Icon 24']);
  });

  test('grey is of one shade, opaque, alone, and neither paper nor ink', () => {
    const names = found(
      draw('dark', { fills: [greyOf(0.49)] }),
      draw('darkest', { fills: [greyOf(0.5)] }),
      draw('palest', { fills: [greyOf(0.9)] }),
      draw('pale', { fills: [greyOf(0.91)] }),
      draw('glass', { fills: [greyOf(0.8, 0.5)] }),
      draw('two', { fills: [grey, grey] }),
      draw('tint', { fills: [{ type: 'SOLID', color: { r: 0.8, g: 0.8, b: 0.84 } }] }),
      draw('none', { fills: [] }),
      draw('mixed', { fills: Symbol('mixed') as unknown as NonNullable<CanvasNode['fills']> }),
    );
    assert.deepEqual(names, ['darkest', 'palest']);
  });

  test('say behind a colon what they are to show', () => {
    const frame = draw('Frame', {
      type: 'FRAME',
      children: ['photo:  a barista at work ', 'Photo:', 'image 3'].map((name) => draw(name)),
    });
    assert.deepEqual(
      placeholdersOf(frame).map(({ words }) => words),
      ['a barista at work', undefined, undefined],
    );
  });

  test('of too many the largest are taken, in their order', () => {
    const sides = Array.from({ length: maxPlaceholders + 1 }, (_, index) => 100 + ((index * 7) % 13));
    const children = sides.map((side, index) => draw(`${index}`, { box: [0, 0, side, side] }));
    const smallest = sides.indexOf(Math.min(...sides));
    const expected = children.map(({ name }) => name).filter((name) => name !== `${smallest}`);
    assert.deepEqual(found(...children), expected);
  });
});
