import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compositeOver } from '../../../../engine/image/composite.ts';
import { boundsOf } from '../../../../plugins/shared/picture/geometry.ts';
import { flattened } from '../../../../plugins/web/document/composite.ts';
import { shownRaster } from '../../../../plugins/web/document/layer.ts';
import { addLayer, createDocument, expandCanvas } from '../../../../plugins/web/document/picture-document.ts';
import { boundsNear, layerOf, noiseRaster } from './arbitraries.ts';

const anySmallSize = fc.record({
  width: fc.integer({ min: 1, max: 24 }),
  height: fc.integer({ min: 1, max: 24 }),
});
const placed = anySmallSize.chain((size) =>
  fc.tuple(fc.constant(size), boundsNear(size), boundsNear(size), fc.nat(99)),
);
const numRuns = 100;

test('bytes are exactly the base where no layer has a mask, also colours that transparency hides', () => {
  fc.assert(
    fc.property(placed, fc.double({ min: 0, max: 1, noNaN: true }), ([canvas, bounds, , seed], opacity) => {
      const layer = layerOf('a', bounds, { canvas, seed, opacity });
      const holes = { ...layer, mask: layer.mask.map((value, i) => (i % 3 ? 0 : value)) };
      const document = createDocument('a.png', noiseRaster(canvas, seed + 50));
      const result = flattened(addLayer(document, holes)).data;
      result.forEach((value, i) => {
        const x = (Math.floor(i / 4) % canvas.width) - bounds.left;
        const y = Math.floor(i / 4 / canvas.width) - bounds.top;
        const inside = x >= 0 && y >= 0 && x < bounds.width && y < bounds.height;
        if (!inside || holes.mask[y * bounds.width + x] === 0) assert.equal(value, document.base.data[i]);
      });
    }),
    { numRuns },
  );
});

test('a whole layer composites bit for bit as the engine does', () => {
  fc.assert(
    fc.property(anySmallSize, fc.nat(99), fc.boolean(), (canvas, seed, isOpaque) => {
      const base = noiseRaster(canvas, seed + 50);
      const layer = layerOf('a', boundsOf(canvas), { canvas, seed });
      const fill = shownRaster(layer).data;
      if (isOpaque) for (let i = 3; i < fill.length; i += 4) fill[i] = base.data[i] = 255;
      const { width, height } = canvas;
      const expected = compositeOver(
        { width, height, channels: 4, data: new Uint8Array(base.data) },
        {
          fill: { width, height, channels: 4, data: new Uint8Array(fill) },
          mask: { width, height, data: layer.mask },
          at: boundsOf(canvas),
        },
      );
      const result = flattened(addLayer(createDocument('a.png', base), layer));
      assert.deepEqual([...result.data], [...expected.data]);
    }),
    { numRuns },
  );
});

test('any part is the same as that part of the whole; outside the canvas only layers are seen', () => {
  fc.assert(
    fc.property(placed, ([canvas, bounds, window, seed]) => {
      let document = createDocument('a.png', noiseRaster(canvas, seed));
      document = addLayer(document, layerOf('a', bounds, { canvas, seed }));
      const whole = flattened(document);
      const part = flattened(document, window);
      for (let y = 0; y < window.height; y++) {
        for (let x = 0; x < window.width; x++) {
          const [cx, cy] = [x + window.left, y + window.top];
          if (cx < 0 || cy < 0 || cx >= canvas.width || cy >= canvas.height) continue;
          for (let c = 0; c < 4; c++) {
            assert.equal(
              part.data[(y * window.width + x) * 4 + c],
              whole.data[(cy * canvas.width + cx) * 4 + c],
            );
          }
        }
      }
    }),
    { numRuns },
  );
});

test('opacity 0, a hidden layer and no layer look the same; opacity 1 with a full mask is the fill', () => {
  const canvas = { width: 9, height: 5 };
  const document = createDocument('a.png', noiseRaster(canvas, 3));
  const all = boundsOf(canvas);
  const full = layerOf('a', all, { canvas, mask: new Uint8Array(45).fill(255) });
  assert.deepEqual(flattened(addLayer(document, { ...full, opacity: 0 })).data, document.base.data);
  assert.deepEqual(flattened(addLayer(document, { ...full, isVisible: false })).data, document.base.data);
  assert.deepEqual(flattened(addLayer(document, full)).data, shownRaster(full).data);
  const second = { ...full, shown: 1 };
  assert.deepEqual(flattened(addLayer(document, second)).data, full.variations[1]!.raster.data);
});

test('opacity mixes between base and fill, and upper layers lie over lower ones', () => {
  const canvas = { width: 1, height: 1 };
  const pixel = (...data: number[]) => ({ ...canvas, data: new Uint8ClampedArray(data) });
  const document = createDocument('a.png', pixel(100, 100, 100, 255));
  const flat = (id: string, value: number, opacity: number) =>
    layerOf(id, boundsOf(canvas), {
      canvas,
      opacity,
      mask: Uint8Array.of(255),
      variations: [{ raster: pixel(value, value, value, 255), request: { operation: 'fill' } }],
    });
  const half = addLayer(document, flat('a', 200, 0.5));
  assert.deepEqual([...flattened(half).data], [150, 150, 150, 255]);
  const over = addLayer(half, flat('b', 10, 1));
  assert.deepEqual([...flattened(over).data], [10, 10, 10, 255]);
});

test('a transparent part of a fill does not bleed its hidden colour in', () => {
  const canvas = { width: 1, height: 1 };
  const layer = layerOf('a', boundsOf(canvas), {
    canvas,
    mask: Uint8Array.of(128),
    variations: [
      {
        raster: { ...canvas, data: new Uint8ClampedArray([255, 0, 0, 0]) },
        request: { operation: 'fill' },
      },
    ],
  });
  const base = { ...canvas, data: new Uint8ClampedArray([0, 80, 0, 255]) };
  assert.deepEqual([...flattened(addLayer(createDocument('a.png', base), layer)).data], [0, 80, 0, 127]);
});

test('an expanded canvas is transparent where nothing covers it', () => {
  const document = createDocument('a.png', noiseRaster({ width: 3, height: 2 }, 8));
  const expanded = flattened(expandCanvas(document, { left: 2, top: 1, right: 0, bottom: 4 }));
  assert.deepEqual([expanded.width, expanded.height], [5, 7]);
  const inner = flattened(expandCanvas(document, { left: 2, top: 1, right: 0, bottom: 4 }), {
    left: 2,
    top: 1,
    width: 3,
    height: 2,
  });
  assert.deepEqual(inner.data, document.base.data);
  assert.ok(expanded.data.subarray(0, 5 * 4).every((value) => value === 0));
});
