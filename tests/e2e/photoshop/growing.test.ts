/** Pictures that grow or are drawn anew in the built plugin. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { miniModelName } from '../../../bridge/protocol/mini-model.ts';
import { patchwork } from '../../hosts/photoshop/host-fixture.ts';
import { rectangleOf } from '../../hosts/photoshop/rectangle.ts';
import {
  activeLayerOf,
  askFor,
  insertBy,
  pictureOf,
  recipeOf,
  startPhotoshopLab,
} from './photoshop-session.ts';

const lab = await startPhotoshopLab({ after });

test('the canvas is expanded with the old picture as it was, in one step of history', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({ width: 100, height: 80, background: patchwork });
  const before = pictureOf(document);
  const steps = document.history.entries.length;
  await panel.pick('Expand');
  await panel.type('Left', '12');
  await panel.type('Top', '7');
  await panel.type('Right', '30');
  await panel.type('Variations', '2');
  const group = await insertBy('Expand', session, document);
  assert.deepEqual([document.state.width, document.state.height], [142, 87]);
  assert.equal(document.history.entries.length, steps + 1);
  assert.equal(group.children!.length, 2);
  assert.deepEqual(pictureOf(document, rectangleOf(12, 7, 100, 80)), before, 'not a bit of the old part');
  const [r, g, b] = pictureOf(document, rectangleOf(141, 86, 1, 1));
  assert.notDeepEqual([r, g, b], [255, 255, 255], 'not the white that Photoshop fills up with');
  user.undo(document);
  assert.deepEqual([document.state.width, document.state.height], [100, 80]);
  assert.deepEqual(pictureOf(document), before);
});

test('a layer is enlarged around its middle, the original hidden behind it', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({ width: 120, height: 100, background: patchwork });
  const spot = user.addLayer(document, 'Spot', {
    bounds: rectangleOf(50, 40, 24, 16),
    paint: (x, y, out, index) => out.set([x * 2, y * 3, 80, 255], index),
  });
  await panel.pick('Upscale');
  await panel.reads(/Layer “Spot”/);
  const layer = await insertBy('Upscale', session, document);
  assert.equal(layer.name, 'Spot 2×');
  assert.deepEqual(layer.raster!.contentBounds(), rectangleOf(38, 32, 48, 32));
  const [upper, original] = document.state.layers;
  assert.equal(upper!.id, layer.id);
  assert.deepEqual([original!.id, original!.isVisible], [spot.id, false]);
  const [r, g, b] = layer.raster!.read(rectangleOf(61, 47, 1, 1));
  assert.ok(Math.abs(r! - 122) < 30 && Math.abs(g! - 141) < 30 && Math.abs(b! - 80) < 30, `${r} ${g} ${b}`);
  user.undo(document);
  assert.equal(activeLayerOf(document).isVisible, true);
});

test('the document is enlarged with everything in it, in one step', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({
    width: 60,
    height: 40,
    resolution: 300,
    background: (x, y) => [x / 60, y / 40, 0.5],
  });
  const before = pictureOf(document);
  await panel.pick('Upscale');
  await panel.reads(/Document/);
  const layer = await insertBy('Upscale', session, document);
  assert.deepEqual([document.state.width, document.state.height], [120, 80]);
  assert.deepEqual(layer.raster!.contentBounds(), rectangleOf(0, 0, 120, 80));
  assert.equal(document.state.layers[0]!.id, layer.id);
  user.undo(document);
  assert.deepEqual(pictureOf(document), before);
});

test('a layer is drawn anew by the checkpoint that comes with Inlay', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({ width: 96, height: 80, background: patchwork });
  const before = pictureOf(document);
  await panel.pick('Vary');
  await askFor('a green field', session, { steps: 2 });
  const group = await insertBy('Vary', session, document);
  assert.equal(group.name, 'a green field');
  const [layer] = group.children!;
  const { request } = recipeOf(layer!);
  assert.equal((request as { model?: string }).model, miniModelName);
  assert.equal((request as { numInferenceSteps?: number }).numInferenceSteps, 2);
  assert.deepEqual(layer!.raster!.contentBounds(), rectangleOf(0, 0, 96, 80));
  user.undo(document);
  assert.deepEqual(pictureOf(document), before);
});
