/** Documents of every kind: their depth, colours, resolution and size are no matter to what lies outside the mask. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { adobeRgbProfile, type ColorSpace, convertPixels, srgbProfile } from '../../hosts/photoshop/color.ts';
import { patchwork } from '../../hosts/photoshop/host-fixture.ts';
import { rectangleOf } from '../../hosts/photoshop/rectangle.ts';
import type { Samples } from '../../hosts/photoshop/samples.ts';
import type { NewDocument } from '../../hosts/photoshop/user.ts';
import {
  activeLayerOf,
  assertKeptOutside,
  insertBy,
  maskOf,
  type PhotoshopSession,
  pictureOf,
  startPhotoshopLab,
} from './photoshop-session.ts';

const lab = await startPhotoshopLab({ after });

const small = { width: 120, height: 90, background: patchwork } as const;
const hole = rectangleOf(40, 30, 30, 24);
const softly = (x: number) => Math.min(1, Math.max(0, (x - 40) / 20));

/** One variation in the place of a soft selection; the document before and after, and the new layer. */
async function fillSoftly(session: PhotoshopSession, options: NewDocument) {
  const { user, panel } = session;
  const document = user.open(options);
  user.selectSoftly(document, hole, softly);
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await panel.type('Variations', '1');
  const group = await insertBy('Fill', session, document);
  assertKeptOutside(mask, before, pictureOf(document));
  return { document, before, mask, layer: group.children![0]! };
}

/** How far apart two pictures are at most, in 8 bits of sRGB. */
function difference(color: ColorSpace, one: Samples, other: Samples): number {
  const to = { mode: 'RGB', profile: srgbProfile } as const;
  const [a, b] = [one, other].map((samples) =>
    convertPixels(samples, { from: color, to, depth: 8, hasAlpha: true }),
  );
  return Math.max(...Array.from(a!, (value, i) => Math.abs(value - b![i]!)));
}

test('a document of 16 bits keeps all of them outside the mask, and gets layers of 16', async (context) => {
  const session = await lab.start(context);
  const background = (x: number, y: number) => [x / 120, y / 90, 0.300_02];
  const { document, layer } = await fillSoftly(session, { ...small, depth: 16, background });
  const bounds = layer.raster!.contentBounds()!;
  const samples = layer.raster!.read(bounds);
  assert.ok(samples instanceof Uint16Array);
  assert.ok(samples.every((value) => value <= 32_768));
  const eighths = samples.filter(
    (value) => Math.round(Math.round((value * 255) / 32_768) * (32_768 / 255)) === value,
  );
  assert.ok(eighths.length < samples.length * 0.6, 'not merely the colours of 8 bits');
  assert.equal(layer.mask!.raster.read(rectangleOf(60, 40, 1, 1))[0], 32_768);
  assert.equal(document.state.depth, 16);
});

test('a 16-bit document is filled where Photoshop does not convert its depth, too', async (context) => {
  const session = await lab.start(context);
  session.application.quirks.refusesDepthConversion = true;
  await fillSoftly(session, { ...small, depth: 16 });
});

test('a document of 32 bits is filled', async (context) => {
  const session = await lab.start(context);
  const { layer } = await fillSoftly(session, {
    ...small,
    depth: 32,
    background: (x) => [x / 200, 0.1, 0.6],
  });
  const samples = layer.raster!.read(layer.raster!.contentBounds()!);
  assert.ok(samples instanceof Float32Array);
  assert.ok(Math.max(...samples.filter((_, i) => i % 4 === 2)) < 0.62, 'as dark as what is around it');
});

for (const [what, options] of [
  ['CMYK', { mode: 'CMYK', background: () => [0.2, 0.7, 0.1, 0.1] }],
  ['Lab', { mode: 'Lab', background: () => [0.6, 0.7, 0.4] }],
  ['grey', { mode: 'Grayscale', background: () => [0.4] }],
  ['Adobe RGB', { profile: adobeRgbProfile, background: () => [0.2, 0.8, 0.3] }],
] as const) {
  test(`a ${what} document has its own colours in the filled place: of one colour it stays that one`, async (context) => {
    const session = await lab.start(context);
    const { user } = session;
    const { document } = await fillSoftly(session, { width: 120, height: 90, ...options } as NewDocument);
    const plain = user.open({ width: 120, height: 90, ...options } as NewDocument);
    const [filled, expected] = [pictureOf(document, hole), pictureOf(plain, hole)];
    assert.ok(difference(document.state, filled, expected) <= 2);
  });
}

test('at 300 dpi a layer lies on the very pixels that were selected', async (context) => {
  const session = await lab.start(context);
  const { layer, document } = await fillSoftly(session, { ...small, resolution: 300 });
  assert.deepEqual(layer.raster!.contentBounds(), { ...hole, left: 41 });
  assert.equal(document.state.resolution, 300);
});

test('a document without a Background is transparent outside, and stays so', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({ width: 120, height: 90 });
  user.addLayer(document, 'Picture', {
    bounds: rectangleOf(10, 10, 80, 70),
    paint: (x, y, out, index) => out.set([x, y, 90, 255], index),
  });
  user.selectRectangle(document, hole);
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await panel.type('Variations', '1');
  const group = await insertBy('Fill', session, document);
  assertKeptOutside(mask, before, pictureOf(document));
  assert.deepEqual(group.children![0]!.raster!.contentBounds(), hole);
});

test('in an artboard the result goes into that artboard', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({ width: 300, height: 100 });
  const artboard = (left: number) =>
    ({ kind: 'artboard', artboard: rectangleOf(left, 0, 140, 100) }) as const;
  const first = user.addGroup(document, 'Artboard 1', artboard(0));
  user.addLayer(document, 'Picture', {
    bounds: rectangleOf(0, 0, 140, 100),
    paint: (x, y, out, index) => out.set([x, y, 90, 255], index),
  });
  user.selectLayers(document, []);
  user.addGroup(document, 'Artboard 2', artboard(150));
  user.selectRectangle(document, rectangleOf(40, 30, 20, 20));
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await panel.type('Variations', '1');
  const group = await insertBy('Fill', session, document);
  assertKeptOutside(mask, before, pictureOf(document));
  const board = document.state.layers.find(({ id }) => id === first.id)!;
  assert.equal(board.children![0]!.id, group.id);
});

test('a locked or a hidden layer, or a group that is active, is no obstacle', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open(small);
  const hidden = user.addLayer(document, 'Hidden', {
    bounds: rectangleOf(0, 0, 120, 90),
    paint: (_x, _y, out, index) => out.set([255, 0, 0, 255], index),
  });
  user.changeLayer(document, hidden.id, { isVisible: false, isLocked: true });
  user.addGroup(document, 'Closed', { isLocked: true });
  user.selectRectangle(document, hole);
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await panel.type('Variations', '1');
  const group = await insertBy('Fill', session, document);
  assert.equal(document.state.layers[0]!.id, group.id);
  assertKeptOutside(mask, before, pictureOf(document));
});

test('a mask that Photoshop turns white in places is put right', async (context) => {
  const session = await lab.start(context);
  const { user, panel, application } = session;
  application.quirks.blackMaskTilesTurnWhite = true;
  const document = user.open({ ...small, width: 300, height: 200 });
  // A ring: in its middle and at its corners the mask is black.
  const ring = (x: number, y: number) => (Math.abs(Math.hypot(x - 150, y - 100) - 85) < 8 ? 1 : 0);
  user.selectSoftly(document, rectangleOf(55, 5, 190, 190), ring);
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await panel.type('Variations', '1');
  await insertBy('Fill', session, document);
  assertKeptOutside(mask, before, pictureOf(document));
  assert.deepEqual(maskOf(document), mask, 'the selection is what it was');
});

test('of 12,000 x 9,000 pixels only those around a small selection travel', async (context) => {
  const session = await lab.start(context);
  const { user, panel, network } = session;
  const memoryBefore = process.memoryUsage().arrayBuffers;
  const document = user.open({ width: 12_000, height: 9_000, background: patchwork });
  const selected = rectangleOf(8_000, 6_000, 40, 30);
  user.selectRectangle(document, selected);
  const around = rectangleOf(7_950, 5_950, 140, 130);
  const before = pictureOf(document, around);
  await panel.type('Variations', '1');
  await panel.reads(/Selection, 40 × 30 px/);
  const sentBefore = network.sentBytes;
  const group = await insertBy('Fill', session, document);
  // 192 px on each side, three bytes of colour and one of the mask.
  const contextBytes = (40 + 2 * 192) * (30 + 2 * 192) * 4;
  const sent = network.sentBytes - sentBefore;
  assert.ok(sent >= contextBytes && sent < contextBytes + 4_000, `${sent} bytes of ${contextBytes}`);
  assert.deepEqual(group.children![0]!.raster!.contentBounds(), selected);
  const mask = new Uint8Array(140 * 130);
  for (let y = 50; y < 80; y++) mask.fill(255, y * 140 + 50, y * 140 + 90);
  assertKeptOutside(mask, before, pictureOf(document, around));
  const grownBytes = process.memoryUsage().arrayBuffers - memoryBefore;
  assert.ok(grownBytes < 60_000_000, `${grownBytes} bytes`);
  assert.equal(activeLayerOf(document).id, group.id);
});
