/** What main takes of a frame that a picture is to follow, and where it puts what comes of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pixelAt, pixelsOf } from '../../../hosts/figma/pictures.ts';
import {
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

/** A white frame of 64 × 32 units with a grey square in it, beside another layer above it. */
async function design() {
  const app = await newApp();
  const ids = app.draw((hands) => {
    const figma = hands as Hands;
    const frame = drawFrame(figma, { width: 64, height: 32, x: 100, y: 50, name: 'House' });
    drawRectangle(figma, { width: 16, height: 16, x: 8, y: 8 }, frame);
    const above = drawRectangle(figma, { width: 10, height: 10, x: 400, y: 50, name: 'Above' });
    return { frame: frame.id, above: above.id };
  });
  app.select(ids.frame);
  return { app, ...ids };
}

describe('a sketch in a frame', () => {
  test('is taken at the size of the drawing, with what is in it, and changes nothing', async () => {
    const { app } = await design();
    const line = await openMain(app);
    const { subjects, target } = await line.report();
    assert.deepEqual(subjects.sketch, { width: 64, height: 32 });
    assert.match(target.offers.sketch!.subject!, /“House”, 64 × 32 px/);
    const before = everything(app);
    const { frame, size } = await capture(line, 'sketch', { operation: 'sketch', side: 128 });
    assert.deepEqual(size, { width: 64, height: 32 });
    const taken = await pixelsOf(await line.ask('take-image', { imageId: frame }));
    assert.deepEqual([taken.width, taken.height], [128, 64]);
    assert.deepEqual(pixelAt(taken, 2, 2), [255, 255, 255, 255]);
    assert.deepEqual(pixelAt(taken, 30, 30), [217, 217, 217, 255]);
    assert.deepEqual(everything(app), before);
  });

  test('its pictures come as one rectangle right above the frame, which is left as it is; one step of undo', async () => {
    const { app, frame, above } = await design();
    const kept = record(app, frame);
    const line = await openMain(app);
    const { place } = await capture(line, 'sketch', { operation: 'sketch' });
    const images = [
      await result(line, { left: 0, top: 0, width: 64, height: 32 }, 40),
      await result(line, { left: 0, top: 0, width: 64, height: 32 }, 90),
    ];
    const before = everything(app);
    const depth = app.document.undoDepth;
    const insertion = { place, name: 'a house', recipe: recipe(place, 'sketch'), results: [images] };
    await line.ask('insert', insertion);
    assert.equal(app.document.undoDepth, depth + 1);
    const [lower, made, upper] = childrenOf(app, app.document.currentPageId);
    assert.deepEqual([lower!.id, upper!.id], [frame, above]);
    assert.equal(made!.name, 'a house');
    assert.deepEqual(app.document.absoluteBox(made!.id), { x: 100, y: 50, width: 64, height: 32 });
    assert.equal((made!.fills as readonly unknown[]).length, 2, 'one paint a variation');
    assert.deepEqual(record(app, frame), kept);

    // Once more, from the result itself.
    const { target } = await line.report();
    const again = target.recipe!.place as unknown as typeof place;
    const { place: same } = await capture(line, 'sketch', { operation: 'sketch', place: again });
    await line.ask('insert', { ...insertion, place: same, results: [[images[1]!]] });
    assert.equal(childrenOf(app, app.document.currentPageId).length, 3, 'in the same rectangle');
    assert.equal((record(app, made!.id).fills as readonly unknown[]).length, 3);
    assert.ok(app.undo());
    assert.ok(app.undo());
    assert.deepEqual(everything(app), before);
  });

  test('nothing is put into an auto layout, which would move everything', async () => {
    const { app, frame } = await design();
    const outer = app.draw((hands) => {
      const figma = hands as Hands;
      const around = drawFrame(figma, { width: 200, height: 100, x: 90, y: 40, name: 'Stack' });
      around.appendChild(figma.currentPage.findOne(({ id }) => id === frame)! as never);
      around.layoutMode = 'HORIZONTAL';
      return around.id;
    });
    app.select(frame);
    const box = app.document.absoluteBox(frame);
    const line = await openMain(app);
    const { place } = await capture(line, 'sketch', { operation: 'sketch' });
    const image = await result(line, { left: 0, top: 0, width: 64, height: 32 });
    await line.ask('insert', { place, name: 'a house', recipe: recipe(place, 'sketch'), results: [[image]] });
    assert.deepEqual(
      childrenOf(app, outer).map(({ id }) => id),
      [frame],
    );
    const made = childrenOf(app, app.document.currentPageId).find(({ name }) => name === 'a house');
    assert.deepEqual(app.document.absoluteBox(made!.id), box);
  });

  test('an empty frame, or none, is told', async () => {
    const { app, frame, above } = await design();
    const line = await openMain(app);
    app.select(above);
    await refuses(line.ask('capture', { operation: 'sketch' }), /is no frame/);
    app.draw((hands) => {
      const node = (hands as Hands).currentPage.findOne(({ id }) => id === frame);
      for (const child of [...(node as { children: readonly { remove(): void }[] }).children]) child.remove();
    });
    app.select(frame);
    await refuses(line.ask('capture', { operation: 'sketch' }), /is empty/);
  });

  test('a map becomes a rectangle over what it was made of, in one step', async () => {
    const { app, frame } = await design();
    const line = await openMain(app);
    const { place } = await capture(line, 'sketch', { operation: 'sketch' });
    const image = await result(line, { left: 0, top: 0, width: 128, height: 64 });
    const depth = app.document.undoDepth;
    await line.ask('insert-map', { place, name: 'Map: edges', image });
    assert.equal(app.document.undoDepth, depth + 1);
    const made = childrenOf(app, app.document.currentPageId).find(({ name }) => name === 'Map: edges');
    assert.deepEqual(app.document.absoluteBox(made!.id), app.document.absoluteBox(frame));
  });
});
