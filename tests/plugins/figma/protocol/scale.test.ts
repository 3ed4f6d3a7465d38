import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encode } from 'fast-png';
import { touchedPixels } from '../../../../plugins/figma/protocol/pixel-grid.ts';
import { pngSize } from '../../../../plugins/figma/protocol/png-size.ts';
import {
  expandScale,
  exportScale,
  exportSize,
  maxImageSide,
  maxScale,
} from '../../../../plugins/figma/protocol/scale.ts';

const side = fc.double({ min: 0.5, max: 16_384, noNaN: true });
const density = fc.double({ min: 0.01, max: 100, noNaN: true });

test('an export fits into an image of Figma, however it is rounded, and is as sharp as its images up to four times', () => {
  fc.assert(
    fc.property(side, side, density, (width, height, pixelsOfUnit) => {
      const scale = exportScale({ width, height }, pixelsOfUnit);
      assert.ok(Math.ceil(Math.max(width, height) * scale) <= maxImageSide);
      assert.ok(scale <= maxScale);
      const wanted = Math.min(maxScale, Math.max(1, pixelsOfUnit));
      if (Math.max(width, height) * wanted <= maxImageSide) assert.equal(scale, wanted);
      const size = exportSize({ width, height }, scale);
      assert.ok(Number.isInteger(size.width) && size.width >= 1 && size.height >= 1);
    }),
  );
});

test('without sharp images, and within the limit, a unit is a pixel', () => {
  assert.equal(exportScale({ width: 4_096, height: 10 }), 1);
  assert.ok(exportScale({ width: 4_096.5, height: 10 }) < 1);
  assert.equal(exportScale({ width: 300, height: 200 }, 0.2), 1);
});

test('an expansion fits with its margins', () => {
  const margins = { left: 100, top: 0, right: 100, bottom: 0 };
  const scale = expandScale({ width: 3_897, height: 100 }, { margins, density: 1 });
  assert.ok(scale < 1 && Math.ceil(4_097 * scale) <= maxImageSide);
  assert.equal(expandScale({ width: 3_896, height: 100 }, { margins, density: 1 }), 1);
});

test('whole pixels are those that bounds touch, in the picture alone', () => {
  const picture = { width: 10, height: 8 };
  assert.deepEqual(touchedPixels({ left: 1.2, top: 2, width: 2, height: 2 }, picture), {
    left: 1,
    top: 2,
    width: 3,
    height: 2,
  });
  assert.deepEqual(touchedPixels({ left: -5, top: 6, width: 100, height: 100 }, picture), {
    left: 0,
    top: 6,
    width: 10,
    height: 2,
  });
  assert.equal(touchedPixels({ left: 20, top: 0, width: 5, height: 5 }, picture).width, 0);
});

test('a PNG says its size, wherever it lies in memory, and nothing else does', () => {
  const png = encode({ width: 7, height: 300, data: new Uint8Array(7 * 300), channels: 1, depth: 8 });
  assert.deepEqual(pngSize(png), { width: 7, height: 300 });
  const shifted = new Uint8Array(png.length + 5);
  shifted.set(png, 5);
  assert.deepEqual(pngSize(shifted.subarray(5)), { width: 7, height: 300 });
  assert.equal(pngSize(png.subarray(0, 23)), undefined);
  assert.equal(pngSize(shifted), undefined);
});
