import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import { addLayer, createDocument, expandCanvas } from '../../../../plugins/web/document/picture-document.ts';
import { layeredPicture } from '../../../../plugins/web/editor/layered-picture.ts';
import { fillRequest, layerOf, noiseRaster } from '../document/arbitraries.ts';

const canvas = { width: 9, height: 7 };
const bounds = { left: -1, top: 2, width: 5, height: 4 };

function variations(count: number) {
  return Array.from({ length: count }, (_, i) => ({ raster: noiseRaster(bounds, i), request: fillRequest }));
}

test('a layer of one variation is a layer with its mask, of several a group with the first on top', () => {
  const one = layerOf('one', bounds, { canvas, variations: variations(1), opacity: 0.5, isVisible: false });
  const three = layerOf('three', bounds, { canvas, variations: variations(3), shown: 1, opacity: 0.25 });
  const document = addLayer(addLayer(createDocument('a.png', noiseRaster(canvas)), one), three);
  const composite = flattened(document);
  const picture = layeredPicture(document, composite);
  const mask = { bounds, outside: 0, isEnabled: true };
  const variation = (i: number, isVisible: boolean) => ({
    type: 'layer',
    name: `Variation ${i + 1}`,
    opacity: 1,
    isVisible,
    bounds,
    rgba: three.variations[i]!.raster.data,
    mask: { ...mask, values: three.mask },
  });
  assert.deepEqual(picture, {
    ...canvas,
    composite: composite.data,
    children: [
      {
        type: 'layer',
        name: 'Background',
        opacity: 1,
        isVisible: true,
        bounds: { left: 0, top: 0, ...canvas },
        rgba: document.base.data,
      },
      {
        type: 'layer',
        name: one.name,
        opacity: 0.5,
        isVisible: false,
        bounds,
        rgba: one.variations[0]!.raster.data,
        mask: { ...mask, values: one.mask },
      },
      {
        type: 'group',
        name: three.name,
        opacity: 0.25,
        isVisible: true,
        children: [variation(2, false), variation(1, true), variation(0, false)],
      },
    ],
  });
});

test('on an expanded canvas everything lies where it is seen', () => {
  const document = expandCanvas(createDocument('a.png', noiseRaster(canvas)), {
    left: 3,
    top: 1,
    right: 2,
    bottom: 0,
  });
  const { width, height, children } = layeredPicture(document, flattened(document));
  assert.deepEqual([width, height], [14, 8]);
  const [background] = children;
  assert.ok(background?.type === 'layer');
  assert.deepEqual(background.bounds, { left: 3, top: 1, ...canvas });
});
