/** Expanding and enlarging in Figma: what was there keeps every byte, and images stay within what Figma takes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser } from '../../browser.ts';
import { maxImageSide } from '../../hosts/figma/image-store.ts';
import { pixelsOf } from '../../hosts/figma/pictures.ts';
import { addImage, assertOneStep, differences, imageIn, record, resultGroup } from './design.ts';
import { type FigmaPanel, FigmaWorkplace } from './figma-workplace.ts';

describe('growing in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  test('a frame grows by its margins, with a picture behind what it showed, in one step', async (context) => {
    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 0, y: 0, width: 100, height: 80 });
    const frameId = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(100, 80);
      Object.assign(frame, { x: 50, y: 60, fills: [] });
      frame.appendChild(figma.currentPage.findOne((node) => node.id === photoId)!);
      return frame.id;
    });
    const source = await pixelsOf(await app.picture(frameId));
    app.select(frameId);
    const panel = await workplace.open(context, app);
    await panel.choose('Expand');
    await panel.set({ Left: 16, Right: 24, Top: 0, Bottom: 8, Variations: 1 });
    await assertOneStep(app, () => panel.run());
    assert.deepEqual(app.document.absoluteBox(frameId), { x: 34, y: 60, width: 140, height: 88 });
    assert.deepEqual(app.document.absoluteBox(photoId), { x: 50, y: 60, width: 100, height: 80 });
    assert.equal(record(app, frameId).childIds[0], resultGroup(app, frameId).id, 'at the bottom');
    const seen = await pixelsOf(await app.picture(frameId));
    let changed = 0;
    let open = 0;
    for (let y = 0; y < seen.height; y++) {
      for (let x = 0; x < seen.width; x++) {
        const at = (y * seen.width + x) * 4;
        const isOld = x >= 16 && x < 116 && y < 80;
        const old = (y * 100 + x - 16) * 4;
        if (isOld && seen.data.compare(source.data, old, old + 4, at, at + 4) !== 0) changed++;
        if (!isOld && seen.data[at + 3] !== 255) open++;
      }
    }
    assert.deepEqual([changed, open], [0, 0], 'the old part is the same, the new one is filled');
    panel.assertSound();
  });

  /** Of small models the quickest. */
  async function enlarge(panel: FigmaPanel, factor: number): Promise<void> {
    await panel.choose('Upscale');
    await panel.frame.getByRole('combobox', { name: 'Size' }).selectOption(String(factor));
    await panel.frame.getByRole('combobox', { name: 'Model' }).selectOption('realesr-animevideov3');
    await panel.run();
  }

  test('the image of a layer becomes larger in its place, and the layer stays as it was', async (context) => {
    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 5, y: 6, width: 48, height: 32 });
    app.draw((figma) => {
      const photo = figma.currentPage.children[0] as ReturnType<typeof figma.createRectangle>;
      photo.resize(24, 16);
    });
    app.select(photoId);
    const panel = await workplace.open(context, app);
    const { fills: _, pluginData: __, relaunchData: ___, ...before } = record(app, photoId);
    await assertOneStep(app, () => enlarge(panel, 2));
    const image = await imageIn(app, record(app, photoId));
    assert.deepEqual([image.width, image.height], [96, 64]);
    const { fills, pluginData: _p, relaunchData: _r, ...now } = record(app, photoId);
    assert.deepEqual(now, before);
    assert.equal(fills.length, 1);
    panel.assertSound();
  });

  test('an image becomes as large as Figma takes and no larger, and the panel says so', async (context) => {
    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 0, y: 0, width: 1100, height: 16 });
    app.select(photoId);
    const panel = await workplace.open(context, app);
    await enlarge(panel, 4);
    const image = await imageIn(app, record(app, photoId));
    assert.equal(image.width, maxImageSide);
    await panel.alert.getByText(/Enlarged 3\.7 times instead of 4: .*4096 px/).waitFor();
    panel.assertSound();
  });

  test('an image that cannot become larger is refused with the limit', async (context) => {
    const app = workplace.newFile();
    app.select(await addImage(app, { x: 0, y: 0, width: maxImageSide, height: 4 }));
    const panel = await workplace.open(context, app);
    await panel.choose('Upscale');
    await panel.untilRefused(/4096 px a side at most\./);
    panel.assertSound();
  });

  test('an image that is shown small is filled in with all the pixels that it has', async (context) => {
    const app = workplace.newFile();
    const photoId = await addImage(app, { x: 20, y: 20, width: 120, height: 80 });
    app.draw((figma) => {
      const photo = figma.currentPage.children[0] as ReturnType<typeof figma.createRectangle>;
      photo.resize(60, 40);
      const hole = figma.createEllipse();
      hole.resize(16, 12);
      Object.assign(hole, { x: 40, y: 32 });
      figma.currentPage.selection = [photo, hole];
    });
    const before = await pixelsOf(await app.picture(photoId));
    const panel = await workplace.open(context, app);
    await panel.choose('Fill');
    await panel.set({ Variations: 1 });
    await panel.run();
    const group = resultGroup(app);
    const shownId = group.childIds.at(-1)!;
    const box = app.document.absoluteBox(shownId);
    const image = await imageIn(app, record(app, shownId));
    assert.deepEqual([image.width, image.height], [box.width * 2, box.height * 2]);
    const seen = await pixelsOf(await app.picture(photoId, { contentsOnly: false }));
    const isFar = (x: number, y: number) =>
      x + 20 < box.x || y + 20 < box.y || x + 20 >= box.x + box.width || y + 20 >= box.y + box.height;
    assert.equal(differences(seen, before, isFar), 0);
    assert.ok(differences(seen, before) > 40);
    panel.assertSound();
  });
});
