/** Layers that a drawing follows: which are offered, and what is taken of them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maxLayersAround } from '../../../../plugins/figma/main/followed-layers.ts';
import { layerImageId } from '../../../../plugins/figma/protocol/layer-images.ts';
import type { CapturedLayer } from '../../../../plugins/figma/protocol/messages.ts';
import { pixelAt, pixelsOf } from '../../../hosts/figma/pictures.ts';
import {
  addPhoto,
  capture,
  drawFrame,
  drawRectangle,
  everything,
  type Hands,
  type MainLine,
  newApp,
  openMain,
  refuses,
} from './open-main.ts';

const size = { width: 40, height: 30 };

/** A photo at (100, 50) with a shape over it, and lines of which half hang over its right edge. */
async function design() {
  const app = await newApp();
  const ids = app.draw((hands) => {
    const figma = hands as Hands;
    const photo = drawRectangle(figma, { ...size, x: 100, y: 50, name: 'Photo' });
    const shape = drawRectangle(figma, { width: 10, height: 8, x: 112, y: 56, name: 'Shape' });
    const lines = drawFrame(figma, { width: 16, height: 10, x: 132, y: 55, name: 'Lines' });
    lines.fills = [];
    drawRectangle(figma, { width: 4, height: 2, x: 3, y: 5, name: 'Line' }, lines);
    const beside = drawRectangle(figma, { width: 10, height: 10, x: 400, y: 50, name: 'Beside' });
    return { photo: photo.id, shape: shape.id, lines: lines.id, beside: beside.id };
  });
  await addPhoto(app, ids.photo, size);
  app.select(ids.shape, ids.photo);
  return { app, ...ids };
}

async function taken(line: MainLine, layers: readonly CapturedLayer[] | undefined) {
  assert.equal(layers?.length, 1);
  const [layer] = layers;
  return { ...layer!, pixels: await pixelsOf(await line.ask('take-image', { imageId: layer!.image })) };
}

const follow = (nodeId: string, name = 'Lines') => ({ layers: [{ nodeId, name }] });

describe('layers to follow', () => {
  test('those over the picture are offered by name, those beside it once they were clicked', async () => {
    const { app, shape, photo, lines, beside } = await design();
    const line = await openMain(app);
    const offered = async () => [...((await line.report()).target.offers.fill?.controlSources ?? [])];
    const linesSource = { id: layerImageId(lines), label: 'Lines' };
    assert.deepEqual(await offered(), [linesSource]);
    app.select(beside);
    await line.report();
    app.select(shape, photo);
    assert.deepEqual(await offered(), [{ id: layerImageId(beside), label: 'Beside' }, linesSource]);
  });

  test('on the bare page its layers are offered, the upper first, and no more than a list can show', async () => {
    const app = await newApp();
    app.draw((hands) => {
      for (let index = 0; index <= maxLayersAround; index++) {
        drawRectangle(hands as Hands, { width: 9, height: 9, name: `Layer ${index}` });
      }
    });
    const line = await openMain(app);
    const sources = (await line.report()).target.offers.generate!.controlSources!;
    assert.equal(sources.length, maxLayersAround);
    assert.equal(sources[0]!.label, `Layer ${maxLayersAround}`);
  });
});

describe('a layer that is followed', () => {
  test('is taken alone, in its place to the pixel, also where it hangs over; hidden, too, and nothing changes', async () => {
    const { app, lines } = await design();
    const line = await openMain(app);
    for (const visible of [true, false]) {
      app.draw((hands) => {
        (hands as Hands).currentPage.findOne(({ id }) => id === lines)!.visible = visible;
      });
      const before = everything(app);
      const { layers } = await capture(line, 'fill', { operation: 'fill', ...follow(lines) });
      assert.deepEqual(everything(app), before);
      const { nodeId, bounds, picture, pixels } = await taken(line, layers);
      assert.equal(nodeId, lines);
      assert.deepEqual(bounds, { left: 32, top: 5, width: 16, height: 10 });
      assert.equal(picture, undefined, 'in pixels of the photo');
      assert.deepEqual([pixels.width, pixels.height], [16, 10]);
      assert.deepEqual(pixelAt(pixels, 3, 5), [217, 217, 217, 255]);
      assert.equal(pixelAt(pixels, 2, 5)[3], 0);
    }
  });

  test('has as many pixels as the picture, whatever its own place and size', async () => {
    const { app, photo, lines } = await design();
    await addPhoto(app, photo, { width: 80, height: 60 });
    app.draw((hands) => {
      const layer = (hands as Hands).currentPage.findOne(({ id }) => id === lines)!;
      Object.assign(layer, { x: 90.5, y: 45 });
    });
    const line = await openMain(app);
    const { layers } = await capture(line, 'fill', { operation: 'fill', ...follow(lines) });
    const { bounds, pixels } = await taken(line, layers);
    assert.deepEqual(bounds, { left: -19, top: -10, width: 32, height: 20 });
    assert.deepEqual([pixels.width, pixels.height], [32, 20]);
  });

  test('lies over an image in pixels of that, and over a new picture in pixels of what is drawn', async () => {
    const { app, photo, lines, beside } = await design();
    await addPhoto(app, photo, { width: 80, height: 60 });
    app.select(photo);
    const line = await openMain(app);
    const varied = await capture(line, 'image', { operation: 'vary', ...follow(lines) });
    assert.deepEqual((await taken(line, varied.layers)).bounds, {
      left: 64,
      top: 10,
      width: 32,
      height: 20,
    });
    const generated = await capture(line, 'generate', { operation: 'generate', side: 160, ...follow(lines) });
    const { bounds, picture } = await taken(line, generated.layers);
    assert.deepEqual(bounds, { left: 128, top: 20, width: 64, height: 40 });
    assert.deepEqual(picture, { width: 160, height: 120 });

    app.select();
    const bare = await capture(line, 'generate', { operation: 'generate', side: 20, ...follow(beside) });
    const all = { left: 0, top: 0, width: 20, height: 20 };
    assert.deepEqual((await taken(line, bare.layers)).bounds, all, 'all of a picture that has no place yet');
  });

  test('that is deleted, lies elsewhere, or has no place in a turned picture is told', async () => {
    const { app, photo, lines, beside } = await design();
    const line = await openMain(app);
    const ask = (nodeId: string, operation: 'fill' | 'vary' = 'fill') =>
      line.ask('capture', { operation, ...follow(nodeId) });
    await refuses(ask(beside), /^“Beside”, which the drawing is to follow, does not lie over “Photo”\.$/);
    app.draw((hands) => {
      Object.assign((hands as Hands).currentPage.findOne(({ id }) => id === photo)!, { rotation: 10 });
    });
    app.select(photo);
    await refuses(ask(lines, 'vary'), /The image of “Photo” is rotated/);
    app.draw((hands) => (hands as Hands).currentPage.findOne(({ id }) => id === lines)!.remove());
    app.select();
    await refuses(
      line.ask('capture', { operation: 'generate', ...follow(lines) }),
      /^“Lines”, which the drawing is to follow, has been deleted\.$/,
    );
  });
});
