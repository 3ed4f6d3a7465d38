import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Bounds } from '../../../engine/image/bounds.ts';
import { compositeOver } from '../../../engine/image/composite.ts';
import { hasAlpha, type Mask, maxSample, type Picture } from '../../../engine/image/picture.ts';
import { anyPicture, boundsInside, maskOf, noisePicture } from './arbitraries.ts';

interface Case {
  readonly source: Picture;
  readonly fill: Picture;
  readonly mask: Mask;
  readonly at: Bounds;
}

const anyCase: fc.Arbitrary<Case> = anyPicture.chain((source) =>
  boundsInside(source).chain((at) =>
    fc.tuple(maskOf(at), fc.nat()).map(([mask, seed]) => {
      const depth = maxSample(source.data) === 255 ? 8 : 16;
      const fill = noisePicture(at, { channels: source.channels, depth, seed });
      return { source, fill, mask, at };
    }),
  ),
);

/** The mask's value over a pixel of the source; 0 outside the layer. */
function maskAt({ mask, at }: Case, x: number, y: number): number {
  const u = x - at.left;
  const v = y - at.top;
  return u >= 0 && u < at.width && v >= 0 && v < at.height ? mask.data[v * mask.width + u]! : 0;
}

describe('compositeOver', () => {
  test('keeps the source bit for bit where the mask is 0 and takes the fill bit for bit where it is 255', () => {
    fc.assert(
      fc.property(anyCase, (layers) => {
        const { source, fill, at } = layers;
        const before = source.data.slice();
        const result = compositeOver(source, layers);
        assert.deepEqual(source.data, before);
        assert.equal(result.data.constructor, source.data.constructor);
        const { channels, width, height } = source;
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const m = maskAt(layers, x, y);
            for (let c = 0; c < channels; c++) {
              const value = result.data[(y * width + x) * channels + c];
              const kept = before[(y * width + x) * channels + c];
              if (m === 0) assert.equal(value, kept);
              const from = ((y - at.top) * at.width + x - at.left) * channels + c;
              if (m === 255) assert.equal(value, fill.data[from]);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('between, the nearest integer to the exact mix, in proportion to opacity', () => {
    fc.assert(
      fc.property(anyCase, (layers) => {
        const { source, fill, mask, at } = layers;
        const { channels } = source;
        const result = compositeOver(source, layers);
        const colours = hasAlpha(channels) ? channels - 1 : channels;
        for (let i = 0; i < mask.data.length; i++) {
          const m = BigInt(mask.data[i]!);
          if (m === 0n || m === 255n) continue;
          const x = at.left + (i % at.width);
          const y = at.top + Math.floor(i / at.width);
          const s = (y * source.width + x) * channels;
          const sourceAlpha = hasAlpha(channels) ? BigInt(source.data[s + colours]!) : 1n;
          const fillAlpha = hasAlpha(channels) ? BigInt(fill.data[i * channels + colours]!) : 1n;
          // Where both are transparent colour still mixes, as between opaque pixels.
          const opaque = sourceAlpha === fillAlpha;
          const sourceWeight = (255n - m) * (opaque ? 1n : sourceAlpha);
          const fillWeight = m * (opaque ? 1n : fillAlpha);
          for (let c = 0; c < channels; c++) {
            const [a, b] = c < colours ? [sourceWeight, fillWeight] : [255n - m, m];
            const sum = a + b;
            const exact = BigInt(source.data[s + c]!) * a + BigInt(fill.data[i * channels + c]!) * b;
            assert.equal(BigInt(result.data[s + c]!), (2n * exact + sum) / (2n * sum));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('colour hidden in transparent pixels does not bleed into a soft edge', () => {
    const source: Picture = { width: 1, height: 1, channels: 4, data: Uint8Array.of(255, 0, 255, 0) };
    const fill: Picture = { width: 1, height: 1, channels: 4, data: Uint8Array.of(10, 20, 30, 255) };
    const mask = { width: 1, height: 1, data: Uint8Array.of(128) };
    const at = { left: 0, top: 0, width: 1, height: 1 };
    assert.deepEqual([...compositeOver(source, { fill, mask, at }).data], [10, 20, 30, 128]);
  });

  test('a one-pixel mask in every corner and edge changes that pixel alone', () => {
    const source = noisePicture({ width: 5, height: 3 }, { channels: 3, depth: 16 });
    const fill = noisePicture({ width: 1, height: 1 }, { channels: 3, depth: 16, seed: 77 });
    const mask = { width: 1, height: 1, data: Uint8Array.of(255) };
    for (let top = 0; top < 3; top++) {
      for (let left = 0; left < 5; left++) {
        const expected = source.data.slice();
        expected.set(fill.data, (top * 5 + left) * 3);
        const at = { left, top, width: 1, height: 1 };
        assert.deepEqual(compositeOver(source, { fill, mask, at }).data, expected);
      }
    }
  });

  test('a layer outside the picture, of another size or of another format is refused', () => {
    const source = noisePicture({ width: 4, height: 4 }, { channels: 3, depth: 8 });
    const fill = noisePicture({ width: 2, height: 2 }, { channels: 3, depth: 8 });
    const mask = { width: 2, height: 2, data: new Uint8Array(4) };
    const at = { left: 0, top: 0, width: 2, height: 2 };
    assert.throws(() => compositeOver(source, { fill, mask, at: { ...at, left: 3 } }), /inside the picture/);
    assert.throws(() => compositeOver(source, { fill, mask, at: { ...at, width: 3 } }), /3 x 2 px/);
    const grey = noisePicture({ width: 2, height: 2 }, { channels: 1, depth: 8 });
    assert.throws(() => compositeOver(source, { fill: grey, mask, at }), /one format/);
  });
});
