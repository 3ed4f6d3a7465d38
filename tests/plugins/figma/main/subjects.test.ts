import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanvasNode } from '../../../../plugins/figma/main/canvas-node.ts';
import {
  expandable,
  exportBox,
  exportWords,
  fillable,
  imageSubject,
  mockupSubject,
} from '../../../../plugins/figma/main/subjects.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import { draw, image, page } from './drawn.ts';

const mixed = Symbol('mixed') as unknown as NonNullable<CanvasNode['fills']>;

function refused(act: () => unknown, pattern: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof ClientError, String(error));
    assert.match(error.message, pattern);
    assert.match(error.hint, /\.$/);
    return true;
  });
}

describe('what can be expanded', () => {
  test('is a frame, a component, or a rectangle with an image', () => {
    const nodes = [
      draw('Frame', { type: 'FRAME', children: [] }),
      draw('Component', { type: 'COMPONENT', children: [] }),
      draw('Photo', { fills: [image] }),
    ];
    page(...nodes);
    for (const node of nodes) assert.equal(expandable([node]), node);
    refused(() => expandable([]), /Nothing is selected/);
    refused(() => expandable(nodes), /3 layers are selected/);
    for (const [drawing, pattern] of [
      [{ type: 'INSTANCE' }, /is an instance/],
      [{ type: 'SECTION' }, /is a section/],
      [{ type: 'COMPONENT_SET' }, /is a set of components/],
      [{ type: 'GROUP' }, /neither a frame nor an image/],
      [{ type: 'ELLIPSE', fills: [image] }, /neither a frame nor an image/],
      [{ type: 'FRAME', locked: true }, /is locked/],
      [{ type: 'FRAME', rotated: true }, /is rotated/],
      [{ type: 'FRAME', layoutMode: 'VERTICAL' }, /has auto layout/],
    ] as const) {
      refused(() => expandable([draw('Layer', drawing)]), pattern);
    }
  });

  test('is not what an auto layout would move', () => {
    const photo = draw('Photo', { fills: [image] });
    page(draw('List', { type: 'FRAME', layoutMode: 'HORIZONTAL', children: [photo] }));
    refused(() => expandable([photo]), /“List” has auto layout/);
  });
});

describe('an image', () => {
  test('is the topmost that is seen in the one layer', () => {
    const upper = { ...image, imageHash: 'upper' };
    const layer = draw('Layer', { fills: [image, upper, { ...image, imageHash: 'hidden', visible: false }] });
    assert.equal(imageSubject([layer]).paint.imageHash, 'upper');
  });

  test('is not where fills differ, or where there is none', () => {
    refused(() => imageSubject([draw('Text', { type: 'TEXT', fills: mixed })]), /have different fills/);
    refused(() => imageSubject([draw('Box')]), /has no image fill/);
    refused(() => imageSubject([draw('Group', { type: 'GROUP' })]), /has no image fill/);
    const missing = { ...image, imageHash: null };
    refused(() => imageSubject([draw('Box', { fills: [missing] })]), /has no image fill/);
  });
});

describe('what a new picture can fill', () => {
  test('is a shape, a frame, or, where nothing is selected, the canvas', () => {
    assert.equal(fillable([]), undefined);
    for (const type of ['RECTANGLE', 'ELLIPSE', 'VECTOR', 'FRAME', 'TEXT'] as const) {
      const node = draw('Layer', { type });
      assert.equal(fillable([node]), node);
    }
    for (const type of ['INSTANCE', 'LINE', 'GROUP'] as const) {
      refused(() => fillable([draw('Layer', { type })]), /no shape that a picture can fill/);
    }
    refused(() => fillable([draw('Text', { type: 'TEXT', fills: mixed })]), /have different fills/);
  });
});

test('a mockup is made of one frame that has placeholders', () => {
  const frame = draw('Home', { type: 'FRAME', children: [draw('Photo', { fills: [image] })] });
  assert.deepEqual(mockupSubject([frame]).placeholders, [{ path: [0], width: 100, height: 100 }]);
  refused(() => mockupSubject([draw('Empty', { type: 'FRAME', children: [] })]), /has no placeholders/);
  refused(() => mockupSubject([draw('Card', { type: 'INSTANCE', children: [] })]), /is an instance/);
  refused(() => mockupSubject([draw('Group', { type: 'GROUP', children: [] })]), /is no frame/);
});

describe('limits', () => {
  test('16384 units are taken, one more is not, and neither is what has no area', () => {
    const long = (side: number) => draw('Long', { box: [0, 0, 10, side] });
    assert.equal(exportBox(long(16_384)).height, 16_384);
    refused(() => exportBox(long(16_385)), /16385 px long; Inlay takes 16384/);
    refused(() => exportBox(draw('Line', { box: [0, 0, 10, 0] })), /has no area/);
  });

  test('what will be smaller or upright is said', () => {
    assert.equal(exportWords(draw('A'), 1), '');
    assert.equal(exportWords(draw('A'), 0.5), '; sent at 50 % of its size');
    assert.match(exportWords(draw('A', { rotated: true }), 1), /upright box/);
  });
});
