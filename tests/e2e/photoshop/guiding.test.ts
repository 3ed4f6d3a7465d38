/** A layer of lines that a fill follows, in the built plugin, by the ControlNet that is shipped. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { JobImage } from '../../../plugins/shared/client/client-job.ts';
import { rectangleOf } from '../../hosts/photoshop/rectangle.ts';
import { houseSide, isHouseLine, lineAgreement } from '../drawn-lines.ts';
import {
  askFor,
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
const size = { width: houseSide, height: houseSide };
/** All but a rim: the lines reach to its edge. */
const hole = rectangleOf(4, 4, houseSide - 8, houseSide - 8);

test('a fill follows the lines of a hidden layer, which goes to the bit as it is, and nothing of it is left; its map becomes a layer', async (context) => {
  const session = await lab.start(context);
  const { user, panel } = session;
  const document = user.open({ ...size, background: (_x, y) => [0.5, 0.7, 0.9 - y / 400] });
  const lines = user.addLayer(document, 'House', {
    // Its own bounds are smaller than the area: around it there is nothing.
    bounds: rectangleOf(20, 20, 90, 95),
    paint: (x, y, out, index) => out.set(isHouseLine(x, y) ? [0, 0, 0, 255] : [0, 0, 0, 0], index),
  });
  user.changeLayer(document, lines.id, { isVisible: false });
  user.selectRectangle(document, hole);
  const [before, mask] = [pictureOf(document), maskOf(document)];
  await askFor('a red house in the snow', session, { steps: 12 });
  await panel.type('Seed', '3');
  const plain = await insertBy('Fill', session, document);
  const [withoutLines] = plain.children!;
  user.undo(document);

  await panel.unfold('Controls');
  await panel.press('Add a control');
  await panel.choose('Picture', 'House');
  await panel.choose('Follow its', 'edges');
  assert.deepEqual(panel.pictureSources, []);
  await panel.press('Show the map');
  await panel.until('the map', () => panel.pictureSources.length === 1);
  const map = await insertBy('Map as a layer', session, document);
  assert.deepEqual([map.name, document.state.layers[0]!.id], ['Map: edges', map.id]);
  const mapColours = coloursOf(map.raster!.read(rectangleOf(0, 0, houseSide, houseSide)));
  user.undo(document);
  assert.deepEqual(pictureOf(document), before, 'one step');
  const group = await insertBy('Fill', session, document);
  const [layer] = group.children!;
  assertKeptOutside(mask, before, pictureOf(document));
  const followed = lineAgreement({ ...size, data: pictureOf(document) }, 4);
  user.undo(document);
  user.undo(document);

  const { request } = recipeOf(layer!);
  assert.match(JSON.stringify(request), /inlay-mini-control/);
  const control = Uint8Array.from({ length: houseSide * houseSide * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % houseSide, Math.floor(i / 3 / houseSide)];
    return isHouseLine(x, y) ? 0 : 255;
  });
  const [linesMap] = await client.run({ operation: 'control-map', preprocessor: 'canny' }, [
    { role: 'source', format: 'rgb8', ...size, bytes: control },
  ]);
  assert.deepEqual(mapColours, linesMap!.bytes, 'the map of the layer, in its place');
  const images: readonly JobImage[] = [
    { role: 'source', format: 'rgb8', ...size, bytes: coloursOf(before) },
    { role: 'mask', format: 'gray8', ...size, bytes: mask },
    { role: 'control', imageId: `layer-${lines.id}`, format: 'rgb8', ...size, bytes: control },
  ];
  const [picture] = await client.run(request, images);
  const bounds = rectangleOf(picture!.left, picture!.top, picture!.width, picture!.height);
  assert.deepEqual(coloursOf(layer!.raster!.read(bounds)), picture!.bytes, 'what was sent is the layer');
  assert.notDeepEqual(coloursOf(withoutLines!.raster!.read(bounds)), picture!.bytes);
  const unguided = lineAgreement(
    { ...size, data: withoutLines!.raster!.read(rectangleOf(0, 0, 128, 128)) },
    4,
  );
  context.diagnostic(`edge agreement: ${followed.toFixed(2)} with the lines, ${unguided.toFixed(2)} without`);
  assert.ok(followed > 1.3 * unguided, `${followed} with the lines, ${unguided} without`);
});
