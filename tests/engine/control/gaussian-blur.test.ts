import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussianBlur, gaussianPasses } from '../../../engine/control/gaussian-blur.ts';
import { Pacer } from '../../../engine/control/pacer.ts';
import { atLeisure } from './arbitraries.ts';
import { imageOf, openCvCases } from './goldens.ts';

/** OpenCV's kernels are floats, ours doubles. */
const atol = 1e-5;

test("blurs as OpenCV's GaussianBlur does, to 1e-5 of 0..1: odd sizes, a row, a pixel", async () => {
  let compared = 0;
  for (const { grey, blurred } of openCvCases) {
    if (blurred === undefined) continue;
    const { width, height, data } = await imageOf(grey);
    const plane = Float32Array.from({ length: width * height }, (_, i) => data[3 * i]! / 255);
    for (const { sigma, values } of blurred) {
      const expected = new Float32Array(new Uint8Array(Buffer.from(values, 'base64')).buffer);
      const pacer = new Pacer(atLeisure, { pixels: plane.length, passes: gaussianPasses });
      const own = await gaussianBlur(plane, { size: { width, height }, sigma, pacer });
      for (const [i, value] of expected.entries()) {
        const difference = Math.abs(own[i]! - value);
        assert.ok(
          difference <= atol,
          `${width} x ${height}, sigma ${sigma}, pixel ${i}: off by ${difference}`,
        );
        compared++;
      }
    }
  }
  assert.ok(compared > 1000);
});
