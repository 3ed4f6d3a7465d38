import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOpaque, type Pixels, reduced } from '../../../../plugins/web/canvas/downsample.ts';
import { noiseRaster } from '../document/arbitraries.ts';

const anySize = fc.record({
  width: fc.integer({ min: 1, max: 19 }),
  height: fc.integer({ min: 1, max: 19 }),
});

function opaqueNoise(size: { width: number; height: number }, seed: number): Pixels {
  const raster = noiseRaster(size, seed);
  for (let i = 3; i < raster.data.length; i += 4) raster.data[i] = 255;
  return raster;
}

test('half the size is the mean of four pixels, weighed by opacity; a last odd row or column counts twice', () => {
  fc.assert(
    fc.property(anySize, fc.nat(99), fc.boolean(), (size, seed, opaque) => {
      const pixels = opaque ? opaqueNoise(size, seed) : noiseRaster(size, seed);
      const half = reduced(pixels, { times: 1, isOpaque: opaque });
      assert.equal(half.width, Math.ceil(size.width / 2));
      assert.equal(half.height, Math.ceil(size.height / 2));
      const at = (x: number, y: number) =>
        (Math.min(y, size.height - 1) * size.width + Math.min(x, size.width - 1)) * 4;
      for (let i = 0; i < half.data.length / 4; i++) {
        const [x, y] = [(i % half.width) * 2, Math.floor(i / half.width) * 2];
        const four = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
        const weight = four.reduce((sum, from) => sum + pixels.data[from + 3]!, 0);
        assert.ok(Math.abs(half.data[i * 4 + 3]! - weight / 4) <= 0.5);
        for (let c = 0; c < 3 && weight > 0; c++) {
          const sum = four.reduce(
            (total, from) => total + pixels.data[from + c]! * pixels.data[from + 3]!,
            0,
          );
          assert.ok(Math.abs(half.data[i * 4 + c]! - sum / weight) <= 0.5);
        }
      }
    }),
  );
});

test('reduced again and again a picture keeps its colour, down to a single pixel', () => {
  const pixels = { width: 301, height: 77, data: new Uint8ClampedArray(301 * 77 * 4).fill(255) };
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data.set([200, 100, 3], i);
  for (const opaque of [true, false]) {
    const one = reduced(pixels, { times: 9, isOpaque: opaque });
    assert.deepEqual([one.width, one.height, ...one.data], [1, 1, 200, 100, 3, 255]);
  }
});

test('one translucent pixel makes a part translucent', () => {
  const pixels = opaqueNoise({ width: 9, height: 9 }, 5);
  assert.ok(isOpaque(pixels));
  pixels.data[80 * 4 + 3] = 254;
  assert.ok(!isOpaque(pixels));
});
