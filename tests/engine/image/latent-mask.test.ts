import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { keepKnown, latentMask, startCalls } from '../../../engine/image/latent-mask.ts';
import type { Mask } from '../../../engine/image/picture.ts';
import { maskOf } from './arbitraries.ts';

const latentSide = fc.integer({ min: 1, max: 4 });
const anyWorkingMask = fc
  .record({ width: latentSide, height: latentSide })
  .chain(({ width, height }) => maskOf({ width: width * 8, height: height * 8 }));

describe('latentMask', () => {
  test('nearest takes the pixel at the top left of each latent pixel, covering the largest below it', () => {
    fc.assert(
      fc.property(anyWorkingMask, (mask) => {
        const nearest = latentMask(mask, { latentPixelSide: 8, sampling: 'nearest' });
        const covering = latentMask(mask, { latentPixelSide: 8, sampling: 'covering' });
        const corners: number[] = [];
        covering.data.forEach((value, i) => {
          const left = (i % covering.width) * 8;
          const top = Math.floor(i / covering.width) * 8;
          const values = Array.from(
            { length: 64 },
            (_, k) => mask.data[(top + (k >> 3)) * mask.width + left + (k & 7)]!,
          );
          assert.equal(value, Math.max(...values));
          corners.push(values[0]!);
        });
        const isMissed = corners.every((value) => value === 0);
        assert.deepEqual([...nearest.data], isMissed ? [...covering.data] : corners);
      }),
    );
  });

  test('no single pixel is so small that nothing is drawn', () => {
    for (let i = 0; i < 24 * 16; i++) {
      const mask: Mask = { width: 24, height: 16, data: new Uint8Array(24 * 16) };
      mask.data[i] = 200;
      for (const sampling of ['nearest', 'covering'] as const) {
        const { data } = latentMask(mask, { latentPixelSide: 8, sampling });
        const expected = new Uint8Array(6);
        expected[Math.floor(i / 24 / 8) * 3 + Math.floor((i % 24) / 8)] = 200;
        assert.deepEqual(data, expected);
      }
    }
  });

  test('an empty mask stays empty, and one that is no whole multiple is refused', () => {
    const empty: Mask = { width: 16, height: 8, data: new Uint8Array(128) };
    const options = { latentPixelSide: 8, sampling: 'nearest' } as const;
    assert.deepEqual(latentMask(empty, options), { width: 2, height: 1, data: new Uint8Array(2) });
    assert.throws(() => latentMask({ ...empty, width: 12 }, options), RangeError);
  });
});

describe('latent blending', () => {
  test('a grey value is a strength: of n calls it has as many as diffusers runs at that strength', () => {
    const mask: Mask = { width: 5, height: 1, data: Uint8Array.of(0, 1, 51, 128, 255) };
    assert.deepEqual([...startCalls(mask, 20)], [20, 20, 16, 10, 0]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 1000 }), (value, calls) => {
        const [start] = startCalls({ width: 1, height: 1, data: Uint8Array.of(value) }, calls);
        assert.equal(calls - start!, Number((BigInt(value) * BigInt(calls)) / 255n));
      }),
    );
  });

  test('each pixel is held to the known latent up to the call it starts with, and free from then on', () => {
    fc.assert(
      fc.property(
        anyWorkingMask,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        (mask, calls, channels) => {
          const latent = latentMask(mask, { latentPixelSide: 8, sampling: 'covering' });
          const starts = startCalls(latent, calls);
          const length = latent.data.length;
          const latents = new Float32Array(channels * length);
          for (let index = 0; index < calls; index++) {
            // What the model makes of it, and what the picture is at the next call's noise level.
            latents.fill(100 + index);
            keepKnown(latents, { known: new Float32Array(latents.length).fill(index + 1), starts, index });
            latents.forEach((value, i) => {
              const isFree = starts[i % length]! <= index;
              assert.equal(value, isFree ? 100 + index : index + 1);
            });
          }
          const last = latents.map((value) => (value < 100 ? 1 : 0));
          latent.data.forEach((value, i) => {
            if (value === 255) assert.equal(starts[i], 0);
            if (value === 0) assert.equal(last[i], 1);
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('latents of another size are refused', () => {
    const options = { known: new Float32Array(8), starts: new Uint16Array(4), index: 0 };
    assert.throws(() => keepKnown(new Float32Array(12), options), RangeError);
    assert.throws(
      () => keepKnown(new Float32Array(8), { ...options, starts: new Uint16Array(3) }),
      RangeError,
    );
  });
});
