/** Filling in Figma: a shape says where, the result is a group with a mask, and outside of it not a pixel is another. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { pixelsOf } from '../../hosts/figma/pictures.ts';
import {
  addEllipse,
  addImage,
  assertOneStep,
  childrenOf,
  differences,
  imageIn,
  record,
  resultGroup,
} from './design.ts';
import { FigmaWorkplace } from './figma-workplace.ts';

describe('filling in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  test('a shape over an image becomes a group of a mask and pictures, exact to the pixel, in one step', async (context) => {
    const app = workplace.newFile();
    const box = { x: 40, y: 30, width: 160, height: 120 };
    const photoId = await addImage(app, box);
    const holeId = addEllipse(app, { x: 90, y: 60, width: 40, height: 30 });
    const source = await pixelsOf(await app.picture(photoId));
    app.select(holeId, photoId);
    const panel = await workplace.open(context, app);
    await panel.choose('Fill');
    await panel.set({ Variations: 2 });
    await assertOneStep(app, () => panel.run());

    const group = resultGroup(app);
    const siblings = childrenOf(app, app.document.currentPageId).map(({ id }) => id);
    assert.equal(siblings.indexOf(group.id), siblings.indexOf(holeId) + 1, 'right above the shape');
    const [mask, ...pictures] = childrenOf(app, group.id);
    assert.deepEqual([mask?.isMask, mask?.maskType, pictures.length], [true, 'LUMINANCE', 2]);
    assert.deepEqual(
      pictures.map(({ visible, isMask }) => [visible, isMask]),
      [
        [false, false],
        [true, false],
      ],
    );
    assert.equal(record(app, holeId).visible, false);

    const shown = pictures.at(-1)!;
    const place = app.document.absoluteBox(shown.id);
    const result = await imageIn(app, shown);
    const maskPixels = await imageIn(app, mask!);
    assert.deepEqual(app.document.absoluteBox(mask!.id), place);
    assert.deepEqual(
      [result.width, result.height],
      [place.width, place.height],
      'a pixel of it is a pixel of the page',
    );
    const seen = await pixelsOf(await app.picture(photoId, { contentsOnly: false }));
    const [left, top] = [place.x - box.x, place.y - box.y];
    const maskAt = (x: number, y: number) => {
      const [column, row] = [x - left, y - top];
      const isInside = column >= 0 && row >= 0 && column < result.width && row < result.height;
      return isInside ? maskPixels.data[(row * result.width + column) * 4]! : 0;
    };
    assert.equal(
      differences(seen, source, (x, y) => maskAt(x, y) === 0),
      0,
      'nothing else has changed',
    );
    assert.ok(differences(seen, source, (x, y) => maskAt(x, y) === 255) > 400, 'what was masked has');
    let misplaced = 0;
    for (let y = 0; y < seen.height; y++) {
      for (let x = 0; x < seen.width; x++) {
        if (maskAt(x, y) !== 255) continue;
        const [a, b] = [(y * seen.width + x) * 4, ((y - top) * result.width + x - left) * 4];
        if (seen.data.compare(result.data, b, b + 3, a, a + 3) !== 0) misplaced++;
      }
    }
    assert.equal(misplaced, 0, 'each pixel lies where it belongs');
    panel.assertSound();
  });

  test('a shape in a frame is filled in what the frame shows, and the result lies in the frame', async (context) => {
    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 10, y: 10, width: 120, height: 90 });
    const holeId = addEllipse(app, { x: 40, y: 30, width: 30, height: 24 });
    const frameId = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(140, 110);
      Object.assign(frame, { x: 300, y: 200 });
      for (const id of [photoId, holeId])
        frame.appendChild(figma.currentPage.findOne((node) => node.id === id)!);
      return frame.id;
    });
    app.document.patch(holeId, { visible: false });
    const source = await pixelsOf(await app.picture(frameId));
    app.document.patch(holeId, { visible: true });
    app.document.commitUndo();
    app.select(holeId);
    const panel = await workplace.open(context, app);
    await panel.choose('Fill');
    await panel.set({ Variations: 1 });
    await assertOneStep(app, () => panel.run());
    const group = resultGroup(app, frameId);
    const place = app.document.absoluteBox(group.id);
    const seen = await pixelsOf(await app.picture(frameId));
    const isNear = (x: number, y: number) =>
      x >= place.x - 300 &&
      y >= place.y - 200 &&
      x < place.x - 300 + place.width &&
      y < place.y - 200 + place.height;
    assert.equal(
      differences(seen, source, (x, y) => !isNear(x, y)),
      0,
    );
    assert.ok(differences(seen, source, isNear) > 200);
    panel.assertSound();
  });

  test('a rotated picture is filled in the upright box around it', async (context) => {
    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 100, y: 150, width: 120, height: 90 });
    app.draw((figma) => Object.assign(figma.currentPage.children[0]!, { rotation: 30 }));
    const box = app.document.absoluteBox(photoId);
    const [middleX, middleY] = [box.x + box.width / 2, box.y + box.height / 2];
    const holeId = addEllipse(app, { x: middleX - 12, y: middleY - 12, width: 24, height: 24 });
    app.document.patch(holeId, { visible: false });
    const source = await pixelsOf(await app.picture(photoId, { contentsOnly: false }));
    app.document.patch(holeId, { visible: true });
    app.document.commitUndo();
    app.select(photoId, holeId);
    const panel = await workplace.open(context, app);
    await panel.choose('Fill');
    await panel.set({ Variations: 1 });
    await panel.run();
    const seen = await pixelsOf(await app.picture(photoId, { contentsOnly: false }));
    const isFar = (x: number, y: number) =>
      Math.hypot(x + Math.floor(box.x) - middleX, y + Math.floor(box.y) - middleY) > 16;
    assert.equal(differences(seen, source, isFar), 0);
    assert.ok(differences(seen, source) > 200);
    panel.assertSound();
  });
});
