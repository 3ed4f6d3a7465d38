import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentArea } from '../../../../plugins/shared/store/sent-area.ts';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import {
  addLayer,
  createDocument,
  withSelection,
} from '../../../../plugins/web/document/picture-document.ts';
import { jobImages } from '../../../../plugins/web/editor/job-images.ts';
import { layerOf, noiseRaster } from '../document/arbitraries.ts';

const size = { width: 2100, height: 1501 };

test('a large picture travels whole, and others have their turn meanwhile', async () => {
  const base = createDocument('large.png', noiseRaster(size));
  const document = addLayer(
    base,
    layerOf('a', { left: 900, top: 700, width: 300, height: 600 }, { canvas: size, opacity: 0.5 }),
  );
  let turns = 0;
  const turn = setInterval(() => turns++, 0);
  const [source] = await jobImages(document, { request: { operation: 'upscale', scale: 2 } });
  clearInterval(turn);
  assert.ok(turns > 0);
  const { left, top, width, height } = source!;
  assert.deepEqual({ left, top, width, height }, { left: 0, top: 0, ...size });
  const expected = new Uint8Array(flattened(document).data.buffer);
  assert.equal(Buffer.compare(source!.bytes as Uint8Array, expected), 0);
});

test('without a selection there is nothing to fill', async () => {
  const document = createDocument('a.png', noiseRaster({ width: 20, height: 20 }));
  const task = { request: { operation: 'fill' } } as const;
  await assert.rejects(jobImages(document, task), RangeError);
  const spot = { left: 3, top: 3, width: 2, height: 2 };
  const selected = withSelection(document, document.selection.withRectangle(spot, 'add'));
  const images = await jobImages(selected, task);
  assert.deepEqual(
    images.map(({ role }) => role),
    ['source', 'mask'],
  );
});

test('with words as much travels as the model may be shown: its own size around a spot, or all of the canvas', () => {
  const selected = { left: 1000, top: 700, width: 20, height: 10 };
  const options = { selected, canvas: size, modelSide: 512 };
  const fill = { operation: 'fill' } as const;
  assert.deepEqual(sentArea(fill, options), { left: 808, top: 508, width: 404, height: 394 });
  const words = { ...fill, prompt: 'a boat' };
  assert.deepEqual(sentArea(words, options), { left: 488, top: 188, width: 1044, height: 1034 });
  assert.deepEqual(sentArea({ ...words, context: 'whole' }, options), { left: 0, top: 0, ...size });
  const large = { ...selected, width: 600 };
  assert.equal(sentArea(words, { ...options, selected: large }).width, 2100);
});
