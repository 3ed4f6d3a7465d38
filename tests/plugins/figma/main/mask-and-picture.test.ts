import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanvasNode } from '../../../../plugins/figma/main/canvas-node.ts';
import { isAbove, maskAndPicture, overlayOf } from '../../../../plugins/figma/main/mask-and-picture.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import { draw, image, page } from './drawn.ts';

function namesOf(selection: readonly CanvasNode[]): readonly [string, string] {
  const { mask, picture } = maskAndPicture(selection);
  return [mask.name, picture.name];
}

function refusalOf(selection: readonly CanvasNode[]): string {
  try {
    maskAndPicture(selection);
  } catch (error) {
    assert.ok(error instanceof ClientError);
    assert.match(error.hint, /\.$/);
    return error.message;
  }
  return '';
}

describe('two layers', () => {
  test('the plain shape is the mask, in whatever order they are selected and lie', () => {
    const [ball, photo] = [draw('Ball', { type: 'ELLIPSE' }), draw('Photo', { fills: [image] })];
    page(ball, photo);
    assert.deepEqual(namesOf([ball, photo]), ['Ball', 'Photo']);
    assert.deepEqual(namesOf([photo, ball]), ['Ball', 'Photo']);
  });

  test('of two plain shapes the upper is the mask', () => {
    const [lower, upper] = [draw('Lower'), draw('Upper')];
    page(lower, upper);
    assert.deepEqual(namesOf([lower, upper]), ['Upper', 'Lower']);
    assert.deepEqual(namesOf([upper, lower]), ['Upper', 'Lower']);
  });

  test('a shape in the frame that is the picture', () => {
    const ball = draw('Ball', { type: 'VECTOR' });
    const frame = draw('Home', { type: 'FRAME', children: [ball] });
    page(frame);
    assert.deepEqual(namesOf([frame, ball]), ['Ball', 'Home']);
  });

  test('two pictures are refused, and so is a shape elsewhere', () => {
    const [a, b] = [draw('A', { fills: [image] }), draw('B', { type: 'FRAME', children: [] })];
    const far = draw('Far', { box: [200, 0, 50, 50] });
    page(a, b, far);
    assert.equal(refusalOf([a, b]), 'Neither “A” nor “B” is a plain shape.');
    assert.equal(refusalOf([a, far]), '“Far” does not lie over “A”.');
  });

  test('text and a shape with a hidden image are plain, one with different fills is a shape too', () => {
    const photo = draw('Photo', { fills: [image] });
    const mixed = Symbol('mixed') as unknown as NonNullable<CanvasNode['fills']>;
    const shapes = [
      draw('Text', { type: 'TEXT', fills: mixed }),
      draw('Hidden', { fills: [{ ...image, visible: false }] }),
    ];
    page(photo, ...shapes);
    for (const shape of shapes) assert.deepEqual(namesOf([photo, shape]), [shape.name, 'Photo']);
  });
});

describe('one layer', () => {
  test('in a frame, however deep in groups, its picture is that frame', () => {
    const ball = draw('Ball', { type: 'ELLIPSE' });
    const group = draw('Group', { type: 'GROUP', children: [ball] });
    const inner = draw('Inner', { type: 'FRAME', children: [draw('Photo', { fills: [image] }), group] });
    page(draw('Outer', { type: 'FRAME', children: [inner] }));
    assert.deepEqual(namesOf([ball]), ['Ball', 'Inner']);
  });

  test('on the page its picture is the topmost visible layer below that holds its middle', () => {
    const ball = draw('Ball', { box: [40, 40, 20, 20] });
    page(
      draw('Lowest', { fills: [image] }),
      draw('Photo', { fills: [image] }),
      draw('Beside', { box: [60, 0, 40, 100] }),
      draw('Hidden', { visible: false }),
      ball,
      draw('Above'),
    );
    assert.deepEqual(namesOf([ball]), ['Ball', 'Photo']);
  });

  test('in a group it is what lies below in the group, else below the group', () => {
    const ball = draw('Ball');
    page(draw('Photo'), draw('Group', { type: 'GROUP', children: [ball] }));
    assert.deepEqual(namesOf([ball]), ['Ball', 'Photo']);
    const dot = draw('Dot');
    page(draw('Far'), draw('Group', { type: 'GROUP', children: [draw('Near'), dot] }));
    assert.deepEqual(namesOf([dot]), ['Dot', 'Near']);
  });

  test('nothing below, no shape, a section, a set of components, and three layers are refused', () => {
    const alone = draw('Alone');
    page(alone);
    assert.equal(refusalOf([alone]), 'Nothing lies below “Alone”.');
    const photo = draw('Photo', { fills: [image] });
    page(photo);
    assert.equal(refusalOf([photo]), '“Photo” says nothing of what is to be replaced.');
    const over = draw('Over');
    page(draw('Plans', { type: 'SECTION', children: [] }), over);
    assert.equal(refusalOf([over]), '“Plans” is a section.');
    assert.equal(refusalOf([draw('Set', { type: 'COMPONENT_SET' })]), '“Set” is a set of components.');
    assert.equal(refusalOf([alone, photo, over]), '3 layers are selected.');
    assert.equal(refusalOf([]), 'Nothing is selected.');
  });

  test('what is locked, itself or around it, and what is in an instance is refused', () => {
    const shape = draw('Ball', { locked: true });
    page(draw('Home', { type: 'FRAME', children: [shape] }));
    assert.equal(refusalOf([shape]), '“Ball” is locked.');
    const inside = draw('Ball');
    page(draw('Home', { type: 'FRAME', locked: true, children: [inside] }));
    assert.equal(refusalOf([inside]), '“Home” is locked.');
    const part = draw('Ball');
    const instance = draw('Button', { type: 'INSTANCE', children: [draw('Photo'), part] });
    page(draw('Home', { type: 'FRAME', children: [instance] }));
    assert.match(refusalOf([part]), /“Ball” is part of the instance “Button”/);
  });

  test('a locked picture is only looked at', () => {
    const ball = draw('Ball');
    page(draw('Photo', { fills: [image], locked: true }), ball);
    assert.deepEqual(namesOf([ball]), ['Ball', 'Photo']);
  });
});

describe('what is over what', () => {
  test('what is inside is above what it is in, and later siblings are above earlier ones with all in them', () => {
    const inner = draw('Inner');
    const frame = draw('Frame', { type: 'FRAME', children: [inner] });
    const later = draw('Later');
    page(frame, later);
    assert.ok(isAbove(inner, frame) && !isAbove(frame, inner));
    assert.ok(isAbove(later, inner) && !isAbove(inner, later));
    assert.ok(!isAbove(inner, inner));
  });

  test('the overlay is the mask and all drawn after it in the picture, as far as it is visible', () => {
    const ball = draw('Ball');
    const group = draw('Group', { type: 'GROUP', children: [draw('Below'), ball, draw('Beside')] });
    const hidden = draw('Hidden', { visible: false });
    const frame = draw('Home', { type: 'FRAME', children: [draw('Photo'), group, draw('Title'), hidden] });
    page(frame, draw('Outside'));
    assert.deepEqual(
      overlayOf(ball, frame).map(({ name }) => name),
      ['Ball', 'Beside', 'Title'],
    );
    const beside = draw('Picture');
    page(beside, draw('Mask'));
    assert.deepEqual(overlayOf(draw('Mask'), beside), []);
  });
});
