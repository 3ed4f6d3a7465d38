/** Where main puts expansions, mockups, and what fills a layer. */
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
  newApp,
  openMain,
  recipe,
  record,
  refuses,
  result,
} from './open-main.ts';

/** Where a node is on the page. */
function placeOf(app: FigmaApp, id: string): readonly number[] {
  return app.draw((figma) => {
    const node = (figma as Hands).currentPage.findOne((other) => other.id === id);
    assert.ok(node !== null && 'absoluteBoundingBox' in node && node.absoluteBoundingBox !== null);
    const { x, y, width, height } = node.absoluteBoundingBox;
    return [x, y, width, height];
  });
}

describe('expanding', () => {
  const margins = { left: 10, top: 0, right: 5, bottom: 20 };

  /** A frame with a rectangle in it. */
  async function design() {
    const app = await newApp();
    const ids = app.draw((hands) => {
      const figma = hands as Hands;
      const frame = drawFrame(figma, { width: 40, height: 30, x: 100, y: 50 });
      return { frame: frame.id, child: drawRectangle(figma, { width: 8, height: 8, x: 4, y: 6 }, frame).id };
    });
    app.select(ids.frame);
    return { app, ...ids };
  }

  test('a frame grows, what is in it stays where it is, and the result lies behind; one step of undo', async () => {
    const { app, frame, child } = await design();
    const before = everything(app);
    const line = await openMain(app);
    const { place, picture } = await capture(line, 'expand', { operation: 'expand', margins });
    assert.deepEqual(everything(app), before);
    const taken = await pixelsOf(await line.ask('take-image', { imageId: picture }));
    assert.deepEqual([taken.width, taken.height], [40, 30]);
    const inside = placeOf(app, child);
    const image = await result(line, { left: -10, top: 0, width: 55, height: 50 });
    const insertion = {
      place,
      name: 'Expand',
      recipe: recipe(place, 'expand'),
      results: [[image]],
      mask: image,
    };
    await line.ask('insert', insertion);
    assert.deepEqual(placeOf(app, frame), [90, 50, 55, 50]);
    assert.deepEqual(placeOf(app, child), inside);
    const [group, ...others] = childrenOf(app, frame);
    assert.deepEqual([group!.name, others.map(({ id }) => id)], ['Expand', [child]]);
    assert.deepEqual(placeOf(app, group!.id), [90, 50, 55, 50]);
    const { target } = await line.report();
    const again = await capture(line, 'expand', {
      operation: 'expand',
      place: target.recipe!.place as unknown as typeof place,
    });
    assert.deepEqual(again.inner, { left: 10, top: 0, width: 40, height: 30 });
    const { place: placeAgain } = again;
    await line.ask('insert', { ...insertion, place: placeAgain });
    const added = childrenOf(app, group!.id).map(({ id }) => placeOf(app, id));
    assert.deepEqual(
      added,
      Array.from({ length: 3 }, () => [90, 50, 55, 50]),
    );
    app.undo();
    app.undo();
    assert.deepEqual(everything(app), before);
  });

  test('an image stays, and the result lies right below it', async () => {
    const app = await newApp();
    const [below, photo] = app.draw((hands) => {
      const figma = hands as Hands;
      return [
        drawRectangle(figma, { width: 9, height: 9 }).id,
        drawRectangle(figma, { width: 40, height: 30, x: 7, y: 8 }).id,
      ] as const;
    });
    await addPhoto(app, photo, { width: 40, height: 30 });
    app.select(photo);
    const line = await openMain(app);
    const { place } = await capture(line, 'expand', { operation: 'expand', margins });
    const image = await result(line, { left: -10, top: 0, width: 55, height: 50 });
    await line.ask('insert', { place, name: 'Sky', recipe: recipe(place), results: [[image]], mask: image });
    const names = childrenOf(app, app.document.currentPageId);
    assert.deepEqual([names[0]!.id, names[1]!.name, names[2]!.id], [below, 'Sky', photo]);
    assert.deepEqual(placeOf(app, names[1]!.id), [-3, 8, 55, 50]);
    assert.deepEqual(placeOf(app, photo), [7, 8, 40, 30]);
  });

  test('nothing to add, and a frame that was resized meanwhile, are refused; nothing changes', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    const none = { left: 0, top: 0, right: 0, bottom: 0 };
    await refuses(line.ask('capture', { operation: 'expand', margins: none }), /Nothing is to be added/);
    const { place } = await capture(line, 'expand', { operation: 'expand', margins });
    app.draw((figma) => {
      const node = (figma as Hands).currentPage.findOne(({ id }) => id === frame);
      if (node !== null && 'resize' in node) node.resize(41, 30);
    });
    const before = everything(app);
    const image = await result(line, { left: -10, top: 0, width: 55, height: 50 });
    const insertion = { place, name: 'Expand', recipe: recipe(place), results: [[image]], mask: image };
    await refuses(line.ask('insert', insertion), /has been resized since/);
    assert.deepEqual(everything(app), before);
  });

  test('a frame does not stay larger where the result cannot be put into it', async () => {
    const { app } = await design();
    const line = await openMain(app);
    const { place } = await capture(line, 'expand', { operation: 'expand', margins });
    const mask = await result(line, { left: -10, top: 0, width: 55, height: 50 });
    const empty = { ...mask, bounds: { ...mask.bounds, width: 0 } };
    const insertion = { place, name: 'Expand', recipe: recipe(place), results: [[empty]], mask };
    const before = everything(app);
    await refuses(line.ask('insert', insertion), /Figma said/);
    assert.deepEqual(everything(app), before);
  });
});

describe('mockups', () => {
  /** A frame in a section, with two placeholders and a neighbour to its right. */
  async function design() {
    const app = await newApp();
    const ids = app.draw((hands) => {
      const figma = hands as Hands;
      const frame = drawFrame(figma, { width: 100, height: 80, x: 20, y: 10 });
      drawRectangle(figma, { width: 60, height: 40, name: 'hero: a boat' }, frame);
      const card = drawFrame(figma, { width: 50, height: 30, name: 'Card' });
      frame.appendChild(card);
      Object.assign(card, { x: 0, y: 45 });
      drawRectangle(figma, { width: 30, height: 30, name: 'Avatar' }, card);
      const neighbour = drawFrame(figma, { width: 50, height: 50, x: 200, y: 60, name: 'Other' });
      return { frame: frame.id, neighbour: neighbour.id };
    });
    app.select(ids.frame);
    return { app, ...ids };
  }

  test('are copies beside the frame and what is there, each placeholder filled; one step of undo', async () => {
    const { app, frame } = await design();
    const before = everything(app);
    const line = await openMain(app);
    const { target } = await line.report();
    assert.equal(target.offers.mockup?.subject, '“Home”, 2 placeholders');
    const { place } = await capture(line, 'mockup', { operation: 'mockup' });
    assert.deepEqual(
      place.placeholders.map(({ path, words }) => `${path.join('.')} ${words}`),
      ['0 a boat', '1.0 undefined'],
    );
    const bounds = { left: 0, top: 0, width: 8, height: 8 };
    const images = [];
    for (const shade of [1, 2, 3]) images.push(await result(line, bounds, shade));
    const note = await line.ask('insert', {
      place,
      name: 'Mockup',
      recipe: recipe(place, 'mockup'),
      results: [[images[0]!, images[1]!], [images[2]!]],
    });
    assert.match(note ?? '', /Some placeholders were not filled/);
    const copies = childrenOf(app, app.document.currentPageId).filter(({ name }) => / v\d$/.test(name));
    assert.deepEqual(
      copies.map(({ id, name }) => [name, ...placeOf(app, id)]),
      [
        ['Home v1', 290, 10, 100, 80],
        ['Home v2', 430, 10, 100, 80],
      ],
    );
    const hashIn = (copyId: string, name: string): unknown => {
      const found = [...childrenOf(app, copyId), ...childrenOf(app, childrenOf(app, copyId)[1]!.id)];
      const [fill] = found.find((node) => node.name === name)!.fills as readonly { imageHash?: string }[];
      return fill?.imageHash;
    };
    assert.deepEqual(
      copies.map(({ id }) => [hashIn(id, 'hero: a boat'), hashIn(id, 'Avatar')]),
      [
        [images[0]!.imageHash, images[2]!.imageHash],
        [images[1]!.imageHash, undefined],
      ],
    );
    assert.deepEqual(
      app.document.selectionOf(app.document.currentPageId),
      copies.map(({ id }) => id),
    );
    assert.equal(record(app, frame).name, 'Home');
    app.undo();
    assert.deepEqual(everything(app), before);
  });

  test('of a frame in another lie beside the outer one, and those of a result are made of the original', async () => {
    const { app, frame, neighbour } = await design();
    app.draw((hands) => {
      const figma = hands as Hands;
      const outer = figma.currentPage.findOne(({ id }) => id === neighbour);
      const inner = figma.currentPage.findOne(({ id }) => id === frame);
      assert.ok(outer?.type === 'FRAME' && inner?.type === 'FRAME');
      outer.resize(400, 300);
      outer.appendChild(inner);
    });
    const line = await openMain(app);
    const { place } = await capture(line, 'mockup', { operation: 'mockup' });
    const image = await result(line, { left: 0, top: 0, width: 8, height: 8 });
    const insertion = { place, name: 'Mockup', recipe: recipe(place, 'mockup'), results: [[image], [image]] };
    assert.equal(await line.ask('insert', insertion), undefined);
    const [copyId] = app.document.selectionOf(app.document.currentPageId);
    assert.deepEqual(placeOf(app, copyId!), [640, 70, 100, 80]);
    const { target } = await line.report();
    const again = await capture(line, 'mockup', {
      operation: 'mockup',
      place: target.recipe!.place as unknown as typeof place,
    });
    assert.equal(again.place.frameId, frame);
    assert.notEqual(again.place.id, place.id);
  });

  test('a frame that was deleted meanwhile is refused, and a placeholder that was is left out', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    const { place } = await capture(line, 'mockup', { operation: 'mockup' });
    const image = await result(line, { left: 0, top: 0, width: 8, height: 8 });
    const insertion = { place, name: 'Mockup', recipe: recipe(place, 'mockup'), results: [[image], [image]] };
    const remove = (id: string) =>
      app.draw((figma) => (figma as Hands).currentPage.findOne((node) => node.id === id)!.remove());
    remove(childrenOf(app, frame)[1]!.id);
    assert.match((await line.ask('insert', insertion)) ?? '', /were not filled/);
    remove(frame);
    const before = everything(app);
    await refuses(line.ask('insert', insertion), /The frame of this mockup has been deleted/);
    assert.deepEqual(everything(app), before);
  });
});

describe("a layer's own fill", () => {
  async function design() {
    const app = await newApp();
    const photo = app.draw((figma) => drawRectangle(figma as Hands, { width: 40, height: 30 }).id);
    await addPhoto(app, photo, { width: 40, height: 30 });
    app.select(photo);
    const [paint] = record(app, photo).fills as readonly { imageHash: string }[];
    return { app, photo, hash: paint!.imageHash };
  }
  const hashes = (app: FigmaApp, id: string) =>
    (record(app, id).fills as readonly { imageHash?: string; visible?: boolean }[]).map(
      ({ imageHash, visible = true }) => [imageHash, visible],
    );

  test('is varied above the image, which is kept and varied again; one step of undo', async () => {
    const { app, photo, hash } = await design();
    const before = everything(app);
    const line = await openMain(app);
    const { place, picture } = await capture(line, 'image', { operation: 'vary' });
    const taken = await pixelsOf(await line.ask('take-image', { imageId: picture }));
    assert.deepEqual(pixelAt(taken, 3, 2).slice(0, 2), [21, 22]);
    assert.deepEqual(place.imageSize, { width: 40, height: 30 });
    const bounds = { left: 0, top: 0, width: 40, height: 30 };
    const [first, second] = [await result(line, bounds, 1), await result(line, bounds, 2)];
    const insertion = { place, name: 'Vary', recipe: recipe(place, 'vary'), results: [[first, second]] };
    await line.ask('insert', insertion);
    assert.deepEqual(hashes(app, photo), [
      [hash, false],
      [second.imageHash, false],
      [first.imageHash, true],
    ]);
    const { target } = await line.report();
    const again = await capture(line, 'image', {
      operation: 'vary',
      place: target.recipe!.place as unknown as typeof place,
    });
    assert.equal(again.place.imageHash, hash);
    app.undo();
    assert.deepEqual(everything(app), before);
  });

  test('is enlarged in place, unless it shows another image by then', async () => {
    const { app, photo } = await design();
    const line = await openMain(app);
    const { place } = await capture(line, 'image', { operation: 'upscale' });
    const large = await result(line, { left: 0, top: 0, width: 80, height: 60 });
    const insertion = { place, name: 'Upscale', recipe: recipe(place, 'upscale'), results: [[large]] };
    await line.ask('insert', insertion);
    assert.deepEqual(hashes(app, photo), [[large.imageHash, true]]);
    const before = everything(app);
    await refuses(line.ask('insert', insertion), /shows another image/);
    assert.deepEqual(everything(app), before);
  });

  test('without a layer a new picture becomes one, in the middle of what is seen', async () => {
    const { app, photo } = await design();
    app.select();
    const line = await openMain(app);
    const { place, size } = await capture(line, 'generate', { operation: 'generate' });
    assert.deepEqual([place.kind, size], ['canvas', 'any-size']);
    const image = await result(line, { left: 0, top: 0, width: 64, height: 48 });
    await line.ask('insert', {
      place,
      name: 'A boat',
      recipe: recipe(place, 'generate'),
      results: [[image]],
    });
    const [, made] = childrenOf(app, app.document.currentPageId);
    assert.deepEqual([made!.name, made!.width, made!.height], ['A boat', 64, 48]);
    assert.equal(
      place.kind === 'canvas' && placeOf(app, made!.id)[0]! + 32,
      place.kind === 'canvas' && place.centre.x,
    );
    assert.equal(hashes(app, photo).length, 1);
  });

  test('an image of a size that Figma does not take is refused in words', async () => {
    const { app } = await design();
    const line = await openMain(app);
    const { width, height } = { width: 4_097, height: 1 };
    await refuses(result(line, { left: 0, top: 0, width, height }), /Figma said: .*Image/i);
  });
});
