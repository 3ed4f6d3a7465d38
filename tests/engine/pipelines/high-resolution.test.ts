import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GenerateSettings } from '../../../engine/api.ts';
import {
  firstPassSize,
  maxOnePassEnlargement,
  secondPassSettings,
} from '../../../engine/pipelines/high-resolution.ts';

const resolution = { width: 512, height: 512 };
const square = (side: number) => ({ width: side, height: side });

test('what is drawn in two passes is more than half as much again as the model was trained at, or larger at all', () => {
  const largestInOne = 512 * maxOnePassEnlargement;
  assert.equal(firstPassSize(square(largestInOne), { resolution, choice: 'auto' }), undefined);
  assert.deepEqual(firstPassSize(square(largestInOne + 8), { resolution, choice: 'auto' }), resolution);
  assert.equal(firstPassSize(square(512), { resolution, choice: 'on' }), undefined);
  assert.equal(firstPassSize(square(256), { resolution, choice: 'on' }), undefined);
  assert.deepEqual(firstPassSize(square(520), { resolution, choice: 'on' }), resolution);
  assert.equal(firstPassSize(square(2048), { resolution, choice: 'off' }), undefined);
});

test('a first pass has about the pixels that the model knows, in the shape of the picture', () => {
  const side = fc.integer({ min: 8, max: 256 }).map((units) => units * 8);
  fc.assert(
    fc.property(side, side, (width, height) => {
      const first = firstPassSize({ width, height }, { resolution, choice: 'auto' });
      if (first === undefined) return;
      assert.ok(first.width * first.height <= 512 * 512 && first.width % 8 === 0 && first.height % 8 === 0);
      const longer = Math.max(first.width, first.height);
      // Half a multiple of 8 on the shorter side.
      const shorter = (longer * Math.min(width, height)) / Math.max(width, height);
      assert.ok(Math.abs(Math.min(first.width, first.height) - shorter) <= 4 || shorter < 8);
    }),
  );
});

test('a second pass has a step to run, and no more steps than the first where that has one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 150 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (numInferenceSteps, highResolutionStrength) => {
        const settings = { numInferenceSteps, highResolutionStrength } as GenerateSettings;
        const { numInferenceSteps: steps } = secondPassSettings(settings);
        assert.ok(Math.floor(steps * highResolutionStrength) >= 1);
        if (Math.floor(numInferenceSteps * highResolutionStrength) >= 1) {
          assert.equal(steps, numInferenceSteps);
        } else assert.equal(Math.floor(steps * highResolutionStrength), 1);
      },
    ),
  );
  const distilled = { numInferenceSteps: 2, timesteps: [999, 499] } as unknown as GenerateSettings;
  const timestepsAt = (highResolutionStrength: number) =>
    secondPassSettings({ ...distilled, highResolutionStrength }).timesteps;
  assert.deepEqual([timestepsAt(0.5), timestepsAt(0.4)], [[999, 499], undefined]);
  for (let divisor = 1; divisor <= 150; divisor++) {
    const settings = { numInferenceSteps: 1, highResolutionStrength: 1 / divisor } as GenerateSettings;
    assert.ok(Math.floor(secondPassSettings(settings).numInferenceSteps / divisor) >= 1);
  }
});
