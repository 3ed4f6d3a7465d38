/** From a selection to layers, in the built plugin, to the bit. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { JobImage } from '../../../plugins/shared/client/client-job.ts';
import { canvasOf } from '../../hosts/photoshop/document-state.ts';
import type { HostDocument } from '../../hosts/photoshop/host-document.ts';
import { patchwork } from '../../hosts/photoshop/host-fixture.ts';
import { rectangleOf } from '../../hosts/photoshop/rectangle.ts';
import {
  assertKeptOutside,
  coloursOf,
  insertBy,
  maskOf,
  pictureOf,
  recipeOf,
  startPhotoshopLab,
} from './photoshop-session.ts';

const lab = await startPhotoshopLab({ after });
const client = await lab.pairedClient({ after });

const width = 160;
const height = 120;
const small = { width, height, background: patchwork } as const;
/** Round, with a soft edge of some ten pixels. */
const spot = { bounds: rectangleOf(50, 40, 40, 36), coverage: softSpot };

function softSpot(x: number, y: number): number {
  const distance = Math.hypot(x + 0.5 - 70, y + 0.5 - 58);
  return Math.min(1, Math.max(0, (18 - distance) / 10));
}

/** All of a document of 8 bits with a Background, and what is selected: what a client of our own would send. */
function imagesOf(document: HostDocument, mask = maskOf(document)): readonly JobImage[] {
  const size = { width: document.state.width, height: document.state.height };
  const bytes = coloursOf(pictureOf(document));
  return [
    { role: 'source', format: 'rgb8', ...size, bytes },
    { role: 'mask', format: 'gray8', ...size, bytes: mask },
  ];
}

test('a soft selection becomes a group of three layers with masks, to the bit, in one step of history', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open(small);
  user.selectSoftly(document, spot.bounds, spot.coverage);
  const [before, mask, images] = [pictureOf(document), maskOf(document), imagesOf(document)];
  const { selection } = document.state;
  const steps = document.history.entries.length;
  await panel.reads(/Selection, 3\d × 3\d px/);
  const group = await insertBy('Fill', session, document);

  assert.equal(document.history.entries.length, steps + 1);
  assert.equal(document.state.layers[0], group, 'on top of all');
  assert.equal(group.name, 'Fill');
  assert.deepEqual(
    group.children!.map(({ name, isVisible }) => [name, isVisible]),
    [
      ['Variation 1', true],
      ['Variation 2', false],
      ['Variation 3', false],
    ],
  );
  assert.deepEqual(maskOf(document), mask, 'the selection is what it was');
  assert.ok(selection);
  const seeds = group.children!.map((layer) => (recipeOf(layer).request as { seed?: number }).seed!);
  assert.equal(new Set(seeds).size, 3);

  for (const layer of group.children!) {
    const { request } = recipeOf(layer);
    const [picture, resultMask] = await client.run(request, images);
    assert.ok(picture && resultMask);
    const bounds = rectangleOf(picture.left, picture.top, picture.width, picture.height);
    assert.deepEqual(layer.raster!.contentBounds(), bounds);
    assert.deepEqual(coloursOf(layer.raster!.read(bounds)), picture.bytes, 'the layer is what was sent');
    assert.deepEqual(layer.mask!.raster.read(bounds), resultMask.bytes);
    assert.deepEqual(layer.mask!.raster.read(canvasOf(document.state)), mask, 'the mask is the selection');
  }

  const shown = pictureOf(document);
  assertKeptOutside(mask, before, shown);
  const first = recipeOf(group.children![0]!);
  const [mixed] = await client.run({ ...first.request, resultArea: 'picture' } as never, images);
  assert.deepEqual(coloursOf(shown), mixed!.bytes, 'what is seen is what the engine makes of it');

  assert.ok(user.undo(document));
  assert.deepEqual(pictureOf(document), before);
  assert.equal(document.state.layers.length, 1);
  assert.deepEqual(maskOf(document), mask);
  assert.ok(user.redo(document));
  assert.deepEqual(pictureOf(document), shown);
});

test('the group is recognised when it is selected later, and gives more of the same place', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open(small);
  user.selectRectangle(document, rectangleOf(30, 20, 24, 20));
  const before = pictureOf(document);
  const mask = maskOf(document);
  await panel.type('Variations', '1');
  const group = await insertBy('Fill', session, document);
  const background = document.state.layers.at(-1)!;
  user.deselect(document);
  user.selectLayers(document, [background.id]);
  await panel.until('no recipe', () => !/More like this/.test(panel.text));
  user.selectLayers(document, [group.id]);
  await panel.reads(/More like this/);
  assert.match(panel.text, new RegExp(`seed ${(recipeOf(group).request as { seed?: number }).seed}`));
  const again = await insertBy('More like this', session, document);
  assert.equal(again.id, group.id, 'into the same group');
  assert.equal(again.children!.length, 2);
  const [newer, older] = again.children!;
  assert.deepEqual([newer!.isVisible, older!.isVisible], [true, false]);
  assert.deepEqual(newer!.raster!.contentBounds(), older!.raster!.contentBounds());
  assert.notDeepEqual(recipeOf(newer!).request, recipeOf(older!).request);
  assert.equal(document.state.selection, undefined);
  assertKeptOutside(mask, before, pictureOf(document));

  // A document of its own, in which the earlier result is not seen: the same seed gives the very pixels.
  const [picture] = await client.run(recipeOf(newer!).request, imagesOf(user.open(small), mask));
  const bounds = newer!.raster!.contentBounds()!;
  assert.deepEqual(coloursOf(newer!.raster!.read(bounds)), picture!.bytes);
});

test('an object is removed, with what the engine adds to the mask, and nothing else changes', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({
    ...small,
    background: (x, y) => (Math.hypot(x - 80, y - 60) < 9 ? [1, 0, 0] : [0.2, 0.5, y / 240]),
  });
  user.selectRectangle(document, rectangleOf(70, 50, 20, 20));
  const before = pictureOf(document);
  await panel.pick('Remove');
  await panel.type('Variations', '1');
  const group = await insertBy('Remove', session, document);
  const [layer] = group.children!;
  const grown = layer!.mask!.raster.read(canvasOf(document.state)) as Uint8Array;
  assertKeptOutside(grown, before, pictureOf(document));
  const [red] = pictureOf(document, rectangleOf(80, 60, 1, 1));
  assert.ok(red! < 100, `the red disc is gone: ${red}`);
});

test('a selection of one pixel changes that pixel alone', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open(small);
  user.selectRectangle(document, rectangleOf(77, 33, 1, 1));
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await panel.type('Variations', '1');
  const group = await insertBy('Fill', session, document);
  assert.deepEqual(group.children![0]!.raster!.contentBounds(), rectangleOf(77, 33, 1, 1));
  assertKeptOutside(mask, before, pictureOf(document));
});

test('of a selection that reaches over the edge of the canvas, what lies inside is filled', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open(small);
  user.selectRectangle(document, rectangleOf(-20, 100, 50, 60));
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await panel.type('Variations', '1');
  await panel.reads(/Selection, 30 × 20 px/);
  const group = await insertBy('Fill', session, document);
  assert.deepEqual(group.children![0]!.raster!.contentBounds(), rectangleOf(0, 100, 30, 20));
  assertKeptOutside(mask, before, pictureOf(document));
});

test('without a selection, or with one beside the canvas, the panel says what to do and nothing can be pressed', async (context) => {
  const { user, panel } = await lab.start(context);
  await panel.reads(/No document is open/);
  const document = user.open(small);
  await panel.reads(/Nothing is selected\. Select what is to be changed/);
  assert.equal(panel.canPress('Fill'), false);
  user.selectRectangle(document, rectangleOf(width + 5, 0, 10, 10));
  await panel.reads(/The selection lies outside of the canvas/);
  assert.equal(panel.canPress('Fill'), false);
  user.selectRectangle(document, rectangleOf(0, 0, 10, 10));
  await panel.until('the button', () => panel.canPress('Fill'));
});
