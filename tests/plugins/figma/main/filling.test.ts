/** Main's part of a fill: what it takes, and where it puts what comes of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FigmaApp } from '../../../hosts/figma/figma-app.ts';
import { pixelAt, pixelsOf } from '../../../hosts/figma/pictures.ts';
import {
  addPhoto,
  capture,
  childrenOf,
  drawFrame,
  drawRectangle,
  everything,
  type Hands,
  type MainLine,
  newApp,
  openMain,
  recipe,
  record,
  refuses,
  result,
} from './open-main.ts';

/** A photo in a frame with a shape over it and a title over all. */
async function design(): Promise<{
  app: FigmaApp;
  frame: string;
  photo: string;
  shape: string;
  title: string;
}> {
  const app = await newApp();
  const ids = app.draw((hands) => {
    const figma = hands as Hands;
    const frame = drawFrame(figma, { width: 40, height: 30, x: 100, y: 50 });
    const photo = drawRectangle(figma, { width: 40, height: 30, name: 'Photo' }, frame);
    const shape = drawRectangle(figma, { width: 10, height: 8, x: 12, y: 6, name: 'Shape' }, frame);
    const title = drawRectangle(figma, { width: 40, height: 10, y: 10, name: 'Title' }, frame);
    return { frame: frame.id, photo: photo.id, shape: shape.id, title: title.id };
  });
  await addPhoto(app, ids.photo, { width: 40, height: 30 });
  app.select(ids.shape);
  return { app, ...ids };
}

async function fill(line: MainLine) {
  const captured = await capture(line, 'fill', { operation: 'fill' });
  const { place } = captured;
  const [first, second] = [
    await result(line, place.maskBounds, 10),
    await result(line, place.maskBounds, 20),
  ];
  const mask = await result(line, place.maskBounds, 255);
  const note = await line.ask('insert', {
    place,
    name: 'a red boat',
    recipe: recipe(place),
    results: [[first, second]],
    mask,
  });
  return { ...captured, note };
}

describe('what is taken', () => {
  test('is the frame without the shape and what lies over it, and nothing of the file changes', async () => {
    const { app } = await design();
    const before = everything(app);
    const line = await openMain(app);
    const { picture, mask, maskBox, place, maskChannel } = await capture(line, 'fill', { operation: 'fill' });
    assert.deepEqual(everything(app), before);
    const taken = await pixelsOf(await line.ask('take-image', { imageId: picture }));
    assert.deepEqual([taken.width, taken.height], [40, 30]);
    for (const [x, y] of [
      [0, 0],
      [15, 8],
      [20, 15],
    ] as const) {
      assert.deepEqual(pixelAt(taken, x, y).slice(0, 3), [x * 7, y * 11, (y * 40 + x) % 251]);
    }
    const shape = await pixelsOf(await line.ask('take-image', { imageId: mask }));
    assert.deepEqual([shape.width, shape.height, pixelAt(shape, 5, 4)[3]], [10, 8, 255]);
    assert.deepEqual(maskBox, { left: 12, top: 6, width: 10, height: 8 });
    assert.deepEqual([place.maskBounds, maskChannel], [maskBox, 'alpha']);
    await refuses(line.ask('take-image', { imageId: picture }), /captured picture is gone/);
  });

  test('of an outline without a fill is the area in it; it stays an outline', async () => {
    const { app, shape } = await design();
    app.draw((figma) => {
      const node = (figma as Hands).currentPage.findOne(({ id }) => id === shape);
      Object.assign(node!, { fills: [{ type: 'SOLID', color: { r: 1, g: 0, b: 0 }, visible: false }] });
    });
    const before = everything(app);
    const line = await openMain(app);
    const { mask } = await capture(line, 'fill', { operation: 'fill' });
    assert.deepEqual(everything(app), before);
    const area = await pixelsOf(await line.ask('take-image', { imageId: mask }));
    assert.equal(pixelAt(area, 5, 4)[3], 255);
  });

  test('is as sharp as the image that is under the shape', async () => {
    const { app, photo } = await design();
    await addPhoto(app, photo, { width: 120, height: 90 });
    const line = await openMain(app);
    const { picture, maskBox } = await capture(line, 'fill', { operation: 'fill' });
    const taken = await pixelsOf(await line.ask('take-image', { imageId: picture }));
    assert.deepEqual([taken.width, taken.height], [120, 90]);
    assert.deepEqual(maskBox, { left: 36, top: 18, width: 30, height: 24 });
    const { target, subjects } = await line.report();
    assert.equal(target.offers.fill?.subject, '“Shape” over “Home”, 30 × 24 px');
    assert.deepEqual(subjects.fill?.maskBounds, maskBox);
  });
});

describe('what comes of it', () => {
  test('is a group right above the shape: a mask, the others hidden, the first on top; one step of undo', async () => {
    const { app, frame, shape } = await design();
    const before = everything(app);
    const line = await openMain(app);
    const { note, place } = await fill(line);
    assert.equal(note, undefined);
    const names = childrenOf(app, frame).map(({ name }) => name);
    assert.deepEqual(names, ['Photo', 'Shape', 'a red boat', 'Title']);
    assert.equal(record(app, shape).visible, false);
    const group = childrenOf(app, frame)[2]!;
    const inside = childrenOf(app, group.id);
    assert.deepEqual(
      inside.map(({ name, isMask, visible }) => [name, isMask, visible]),
      [
        ['Mask', true, true],
        ['a red boat 2', false, false],
        ['a red boat 1', false, true],
      ],
    );
    assert.equal(inside[0]!.maskType, 'LUMINANCE');
    for (const node of inside) {
      const { transform, width, height } = node;
      assert.deepEqual([transform[0][2], transform[1][2], width, height], [12, 6, 10, 8]);
    }
    assert.deepEqual(app.document.selectionOf(app.document.currentPageId), [group.id]);
    assert.deepEqual(
      app.relaunchButtons(group.id).map(({ command }) => command),
      ['regenerate'],
    );
    const { target } = await line.report();
    assert.deepEqual(target.recipe?.request, recipe(place).request);
    app.undo();
    assert.deepEqual(everything(app), before);
  });

  test('in an auto layout it keeps its place, and moves nothing', async () => {
    const { app, frame, shape, photo } = await design();
    app.draw((hands) => {
      const figma = hands as Hands;
      const list = figma.currentPage.findOne(({ id }) => id === frame);
      Object.assign(list!, { layoutMode: 'HORIZONTAL' });
    });
    const places = (id: string) => record(app, id).transform;
    const [before, beforeShape] = [places(photo), places(shape)];
    const line = await openMain(app);
    const { maskBox } = await fill(line);
    assert.deepEqual([places(photo), places(shape)], [before, beforeShape]);
    const group = childrenOf(app, frame).find(({ type }) => type === 'GROUP')!;
    assert.equal(group.layoutPositioning, 'ABSOLUTE');
    const [, , first] = childrenOf(app, group.id);
    assert.deepEqual([first!.transform[0][2], first!.transform[1][2]], [maskBox.left, maskBox.top]);
  });

  test('in a turned frame it is upright on the page, over what it was taken from', async () => {
    const { app, frame } = await design();
    app.draw((figma) => {
      Object.assign((figma as Hands).currentPage.findOne(({ id }) => id === frame)!, { rotation: 90 });
    });
    const line = await openMain(app);
    const { target } = await line.report();
    assert.match(target.offers.fill?.subject ?? '', /rotated: the upright box around it is used$/);
    await fill(line);
    const group = childrenOf(app, frame).find(({ type }) => type === 'GROUP')!;
    app.draw((figma) => {
      const page = (figma as Hands).currentPage;
      const boxes = ['Shape', 'Mask', 'a red boat 1'].map((name) => {
        const node = page.findOne((other) => other.name === name);
        return node !== null && 'absoluteBoundingBox' in node ? node.absoluteBoundingBox : null;
      });
      for (const box of boxes.slice(1)) {
        for (const key of ['x', 'y', 'width', 'height'] as const) {
          assert.ok(Math.abs(box![key] - boxes[0]![key]) < 1e-6, `${key} of ${JSON.stringify(boxes)}`);
        }
      }
    });
    assert.equal(childrenOf(app, group.id).length, 3);
  });

  test('goes to its own page when the user has gone to another, whose selection stays', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    const captured = await capture(line, 'fill', { operation: 'fill' });
    const otherPage = app.draw((figma) => (figma as Hands).createPage().id);
    app.document.currentPageId = otherPage;
    const node = app.draw((figma) => (figma as Hands).createRectangle().id);
    const other = { page: otherPage, node };
    app.select(other.node);
    const { place } = captured;
    const image = await result(line, place.maskBounds);
    await line.ask('insert', { place, name: 'Fill', recipe: recipe(place), results: [[image]], mask: image });
    assert.deepEqual(
      childrenOf(app, frame).map(({ name }) => name),
      ['Photo', 'Shape', 'Fill', 'Title'],
    );
    assert.deepEqual(app.document.selectionOf(other.page), [other.node]);
    assert.deepEqual(record(app, other.page).childIds, [other.node]);
    await line.ask('reveal', { place });
    assert.notEqual(app.document.currentPageId, other.page);
  });

  test('is placed without the shape where that was deleted, and refused without the picture; nothing changes then', async () => {
    const { app, frame, shape, photo } = await design();
    const line = await openMain(app);
    const { place } = await capture(line, 'fill', { operation: 'fill' });
    const remove = (id: string) =>
      app.draw((figma) => (figma as Hands).currentPage.findOne((node) => node.id === id)!.remove());
    const image = await result(line, place.maskBounds);
    const insertion = { place, name: 'Fill', recipe: recipe(place), results: [[image]], mask: image };
    remove(shape);
    await line.ask('insert', insertion);
    assert.deepEqual(
      childrenOf(app, frame).map(({ name }) => name),
      ['Photo', 'Title', 'Fill'],
    );
    app.undo();
    remove(photo);
    remove(frame);
    const before = everything(app);
    await refuses(line.ask('insert', insertion), /The picture of this result has been deleted/);
    assert.deepEqual(everything(app), before);
  });

  test('a picture that has been resized meanwhile is said', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    const { place } = await capture(line, 'fill', { operation: 'fill' });
    app.draw((figma) => {
      const node = (figma as Hands).currentPage.findOne(({ id }) => id === frame);
      if (node !== null && 'resize' in node) node.resize(80, 30);
    });
    const image = await result(line, place.maskBounds);
    const note = await line.ask('insert', {
      place,
      name: 'Fill',
      recipe: recipe(place),
      results: [[image]],
      mask: image,
    });
    assert.match(note ?? '', /another size now/);
  });

  test('a recipe that Figma cannot keep is left out, and said', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    const { place } = await capture(line, 'fill', { operation: 'fill' });
    const image = await result(line, place.maskBounds);
    const long = { ...recipe(place), request: { operation: 'fill', prompt: 'ü'.repeat(60_000) } as const };
    const insertion = { place, name: 'Fill', recipe: long, results: [[image]], mask: image };
    assert.match((await line.ask('insert', insertion)) ?? '', /too long to be kept/);
    const group = childrenOf(app, frame).find(({ type }) => type === 'GROUP')!;
    assert.deepEqual(app.relaunchButtons(group.id), []);
  });
});

describe('once more', () => {
  test('is of the picture without the result, with its mask, and adds to its group', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    await fill(line);
    const { target } = await line.report();
    const place = target.recipe!.place as unknown as Awaited<ReturnType<typeof fill>>['place'];
    const before = everything(app);
    const again = await capture(line, 'fill', { operation: 'fill', place });
    assert.deepEqual(everything(app), before);
    assert.deepEqual([again.maskChannel, again.place.maskBounds], ['luminance', place.maskBounds]);
    const taken = await pixelsOf(await line.ask('take-image', { imageId: again.picture }));
    assert.deepEqual(pixelAt(taken, 15, 8), [105, 88, (8 * 40 + 15) % 251, 255]);
    const third = await result(line, again.place.maskBounds, 30);
    await line.ask('insert', {
      place: again.place,
      name: 'Fill',
      recipe: recipe(again.place),
      results: [[third]],
    });
    const group = childrenOf(app, frame).find(({ type }) => type === 'GROUP')!;
    const inside = childrenOf(app, group.id);
    assert.deepEqual(
      inside.map(({ name, visible }) => [name, visible]),
      [
        ['Mask', true],
        ['a red boat 2', false],
        ['a red boat 1', false],
        ['Fill 3', true],
      ],
    );
    const [mask, , , added] = inside;
    assert.deepEqual(added!.transform, mask!.transform);
    app.undo();
    assert.deepEqual(everything(app), before);
  });

  test('of a copy of the result is made in the copy', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    await fill(line);
    const copy = app.draw((hands) => {
      const figma = hands as Hands;
      const original = figma.currentPage.findOne(({ id }) => id === frame);
      assert.ok(original !== null && 'clone' in original);
      const node = original.clone();
      Object.assign(node, { x: 500, name: 'Copy' });
      return node.id;
    });
    const group = childrenOf(app, copy).find(({ type }) => type === 'GROUP')!;
    app.select(group.id);
    const { target } = await line.report();
    const place = target.recipe!.place as unknown as Awaited<ReturnType<typeof fill>>['place'];
    const again = await capture(line, 'fill', { operation: 'fill', place });
    assert.equal(again.place.pictureId, copy);
    const image = await result(line, again.place.maskBounds);
    await line.ask('insert', {
      place: again.place,
      name: 'Fill',
      recipe: recipe(again.place),
      results: [[image]],
    });
    assert.deepEqual([childrenOf(app, group.id).length, childrenOf(app, frame)[2]!.childIds.length], [4, 3]);
  });

  test('works from the shape where the result has been deleted, and is shown by its button', async () => {
    const { app, frame, shape } = await design();
    const line = await openMain(app);
    const { place } = await fill(line);
    const opened = await (await openMain(app, 'regenerate')).ask('open', {});
    assert.deepEqual(opened.recipe?.request, recipe(place).request);
    app.draw((figma) => {
      const group = childrenOf(app, frame).find(({ type }) => type === 'GROUP')!;
      (figma as Hands).currentPage.findOne(({ id }) => id === group.id)!.remove();
    });
    const again = await capture(line, 'fill', { operation: 'fill', place });
    const mask = await pixelsOf(await line.ask('take-image', { imageId: again.mask }));
    assert.deepEqual([again.maskChannel, pixelAt(mask, 5, 4)[3]], ['alpha', 255]);
    assert.equal(record(app, shape).visible, false);
    await refuses(line.ask('reveal', { place }), /no longer in the file/);
  });
});
