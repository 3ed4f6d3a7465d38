/** A frame with a few shapes and strokes that a picture follows, by the ControlNet that is shipped. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { Bounds } from '../../../plugins/shared/picture/geometry.ts';
import { skipWithoutBrowser } from '../../browser.ts';
import type { FigmaApp } from '../../hosts/figma/figma-app.ts';
import type { NodeRecord } from '../../hosts/figma/node-record.ts';
import { type Pixels, pixelsOf } from '../../hosts/figma/pictures.ts';
import { lineAgreement, houseSide as side } from '../drawn-lines.ts';
import { addEllipse, addImage, assertOneStep, childrenOf, imageIn, record, wavesPng } from './design.ts';
import { type FigmaPanel, FigmaWorkplace } from './figma-workplace.ts';

const door = { x: 56, y: 84, width: 16, height: 26 };
/** The house of drawn-lines.ts, as a pen draws it: open paths, of which nothing is filled. */
const penStrokes = ['M 30 60 L 30 110 L 98 110 L 98 60', 'M 24 60 L 64 22 L 104 60'];
const eaves = { x: 24, y: 60, width: 80 };
const black = [{ type: 'SOLID', color: { r: 0, g: 0, b: 0 } }];

describe('a sketch in Figma', { skip: skipWithoutBrowser }, () => {
  let workplace: FigmaWorkplace;
  before(async () => {
    workplace = await FigmaWorkplace.start();
  });
  after(() => workplace?.close());

  test('a frame of shapes and strokes becomes a picture over it that follows them; what was sent is the frame, to the bit', async (context) => {
    const app = workplace.newFile();
    const frameId = app.draw((figma) => {
      const frame = figma.createFrame();
      frame.resize(side, side);
      Object.assign(frame, { name: 'House', x: 40, y: 20 });
      const strokes = figma.createVector();
      frame.appendChild(strokes);
      strokes.vectorPaths = penStrokes.map((data) => ({ windingRule: 'NONE', data }));
      Object.assign(strokes, { x: 0, y: 0, fills: [], strokes: black, strokeWeight: 2 });
      const line = figma.createLine();
      frame.appendChild(line);
      line.resize(eaves.width, 0);
      Object.assign(line, { x: eaves.x, y: eaves.y, strokeWeight: 2 });
      const shape = figma.createRectangle();
      frame.appendChild(shape);
      shape.resize(door.width, door.height);
      Object.assign(shape, {
        x: door.x,
        y: door.y,
        fills: [{ type: 'SOLID', color: { r: 0.9, g: 0.9, b: 0.9 } }],
      });
      return frame.id;
    });
    app.select(frameId);
    const kept = record(app, frameId);
    const panel = await workplace.open(context, app);
    await panel.choose('Sketch');
    await panel.prompt.fill('a red house in the snow');
    await panel.set({ Variations: 1 });
    await panel.setUp({ Steps: 12, Seed: 3 });
    assert.equal(await panel.runButton.innerText(), 'Generate from this frame');
    await assertOneStep(app, () => panel.run());

    const page = childrenOf(app, app.document.currentPageId);
    const made = page.find(({ id }) => id !== frameId)!;
    assert.deepEqual(app.document.absoluteBox(made.id), app.document.absoluteBox(frameId));
    assert.deepEqual(record(app, frameId), kept);
    const { request } = JSON.parse(made.pluginData['inlay-recipe']!);
    const client = await workplace.server.pairedClient(context);
    const frame = await pixelsOf(await app.picture(frameId, { contentsOnly: true }));
    for (const [x, y] of [
      [30, 85],
      [44, 41],
      [60, 60],
    ] as const) {
      assert.ok(frame.data[(y * side + x) * 4]! < 64, `a stroke at ${x}, ${y}`);
    }
    const bytes = Uint8Array.from(frame.data);
    const control = {
      role: 'control',
      imageId: 'frame',
      format: 'rgba8',
      width: side,
      height: side,
    } as const;
    const [picture] = await client.run(request, [{ ...control, bytes }]);
    const shown = await imageIn(app, made);
    assert.ok(shown.data.equals((await pixelsOf(picture!.bytes)).data), 'the very picture');

    const { controls: _, ...plain } = request;
    const [unguided] = await client.run(plain, []);
    const agreement = (pixels: Pixels) => lineAgreement(pixels, 4);
    const [followed, before] = [agreement(shown), agreement(await pixelsOf(unguided!.bytes))];
    context.diagnostic(`edge agreement: ${followed.toFixed(2)} with the frame, ${before.toFixed(2)} without`);
    assert.ok(followed > 1.3 * before, `${followed} with the frame, ${before} without`);
    panel.assertSound();
  });

  test('a variation follows another layer, hidden and hanging over, which goes to the bit where it lies; its map becomes a layer', async (context) => {
    const app = workplace.newFile();
    const box = { x: 40, y: 20, width: side, height: side };
    const photoId = await addImage(app, box);
    const [left, top] = [-10, 14];
    const { lines } = await hiddenLines(app, { x: box.x + left, y: box.y + top });
    const control = onPaper(lines, { left: -left, top: -top, width: side, height: side });
    app.select(photoId);
    const panel = await workplace.open(context, app);
    await panel.choose('Vary');
    await panel.prompt.fill('a red house in the snow');
    await panel.set({ Variations: 1 });
    await panel.setUp({ Steps: 4, Seed: 3 });
    const card = await followLines(panel);
    await card.getByRole('button', { name: 'Show the map' }).click();
    await card.getByRole('img', { name: 'Map of control 1: edges' }).waitFor();
    const client = await workplace.server.pairedClient(context);
    const outline = { format: 'rgba8', width: side, height: side, bytes: control } as const;
    await assertOneStep(app, async () => {
      await card.getByRole('button', { name: 'Map as a layer' }).click();
      await panel.says(/^The map is a layer now\.$/);
    });
    const map = mapIn(app);
    assert.deepEqual(app.document.absoluteBox(map.id), box);
    const [made] = await client.run(
      { operation: 'control-map', preprocessor: 'canny', output: { format: 'png' } },
      [{ role: 'source', ...outline }],
    );
    const mapPixels = await imageIn(app, map);
    assert.ok(mapPixels.data.equals((await pixelsOf(made!.bytes)).data), 'the map of the layer in its place');
    assert.ok(new Set(mapPixels.data).size > 1, 'with lines');

    app.select(photoId);
    await assertOneStep(app, () => panel.run());
    const { fills, pluginData } = record(app, photoId);
    const { request } = JSON.parse(pluginData['inlay-recipe']!);
    const source = await wavesPng(side, side);
    const file = { role: 'source', format: 'png', width: side, height: side, bytes: source } as const;
    const images = [file, { role: 'control', imageId: request.controls[0].imageId, ...outline }] as const;
    const [picture] = await client.run(request, images);
    const shown = await imageIn(app, { ...record(app, photoId), fills: fills.slice(-1) as never });
    assert.ok(shown.data.equals((await pixelsOf(picture!.bytes)).data), 'what was sent is the layer');
    const { controls: _, ...plain } = request;
    const [unguided] = await client.run(plain, [file]);
    assert.ok(!shown.data.equals((await pixelsOf(unguided!.bytes)).data), 'it follows the layer');
    panel.assertSound();
  });

  test('a fill follows of another layer what lies over the part that is sent, to the bit', async (context) => {
    const app = workplace.newFile();
    const box = { x: 40, y: 20, width: 480, height: 360 };
    const photoId = await addImage(app, box);
    const holeId = addEllipse(app, { x: 390, y: 220, width: 24, height: 20 });
    const { lines } = await hiddenLines(app, { x: 350, y: 170 });
    app.select(holeId, photoId);
    const panel = await workplace.open(context, app);
    await panel.choose('Fill');
    await panel.prompt.fill('a red house in the snow');
    const card = await followLines(panel);
    await card.getByRole('button', { name: 'Map as a layer' }).click();
    await panel.says(/^The map is a layer now\.$/);
    const map = mapIn(app);
    const { x, y, width, height } = app.document.absoluteBox(map.id);
    assert.ok(width < box.width && x > box.x, 'a part of the photo');
    const bytes = onPaper(lines, { left: x - 350, top: y - 170, width, height });
    const client = await workplace.server.pairedClient(context);
    const [made] = await client.run(
      { operation: 'control-map', preprocessor: 'canny', output: { format: 'png' } },
      [{ role: 'source', format: 'rgba8', width, height, bytes }],
    );
    const { data } = await imageIn(app, map);
    assert.ok(data.equals((await pixelsOf(made!.bytes)).data));
    assert.ok(new Set(data).size > 1, 'with lines');
    panel.assertSound();
  });
});

/** The house on nothing, hidden; and what it looks like when it is seen. */
async function hiddenLines(app: FigmaApp, corner: { readonly x: number; readonly y: number }) {
  const frameId = app.draw((figma) => {
    const frame = figma.createFrame();
    frame.resize(side, side);
    Object.assign(frame, { name: 'Lines', ...corner, fills: [] });
    const strokes = figma.createVector();
    frame.appendChild(strokes);
    strokes.vectorPaths = penStrokes.map((data) => ({ windingRule: 'NONE', data }));
    Object.assign(strokes, { x: 0, y: 0, fills: [], strokes: black, strokeWeight: 3 });
    return frame.id;
  });
  const lines = await pixelsOf(await app.picture(frameId));
  app.draw((figma) => {
    figma.currentPage.findOne(({ id }) => id === frameId)!.visible = false;
  });
  return { lines };
}

/** A part of a layer, and of the white around it, as `rgba8`. */
function onPaper(layer: Pixels, { left, top, width, height }: Bounds): Uint8Array<ArrayBuffer> {
  const paper = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [x + left, y + top];
      if (column < 0 || row < 0 || column >= layer.width || row >= layer.height) continue;
      const at = (row * layer.width + column) * 4;
      const alpha = layer.data[at + 3]! / 255;
      for (let i = 0; i < 3; i++) {
        paper[(y * width + x) * 4 + i] = Math.round(255 * (1 - alpha) + layer.data[at + i]! * alpha);
      }
    }
  }
  return paper;
}

async function followLines(panel: FigmaPanel): Promise<Locator> {
  await panel.button('Controls').click();
  await panel.button('Add a control').click();
  const card = panel.frame.getByRole('group', { name: 'Control 1' });
  await card.getByLabel('Picture').selectOption('Lines');
  await card.getByLabel('Follow its').selectOption('canny');
  return card;
}

function mapIn(app: FigmaApp): NodeRecord {
  return childrenOf(app, app.document.currentPageId).find(({ name }) => name === 'Map: edges')!;
}
