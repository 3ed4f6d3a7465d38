import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { toEngineError } from '../../../engine/errors.ts';
import { detectUpscaler, emitUpscaler } from '../../../engine/graphs/upscaler.ts';
import type { LoadedStage } from '../../../engine/models/open-stages.ts';
import { planParts, runInParts } from '../../../engine/models/stage-parts.ts';
import { openSession, type Tensor } from '../../../engine/runtime/session.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { goldenFile, goldenNames } from '../checkpoints.ts';
import { assertTensorsClose } from '../graphs/tensors-close.ts';

/** A part is never planned smaller than this. */
const minPartSide = 32;

describe('planned parts', () => {
  test('cover the whole of any size exactly once, begin at multiples, and keep to the largest work', () => {
    const multiple = fc.constantFrom(1, 2, 4);
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 150 }),
      rows: fc.integer({ min: 1, max: 150 }),
    });
    fc.assert(
      fc.property(
        size,
        multiple,
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 60_000 }),
        ({ columns, rows }, alignment, haloPixels, maxPixels) => {
          const width = columns * alignment;
          const height = rows * alignment;
          const multiplyAddsPerPixel = 7;
          const maxMultiplyAdds = maxPixels * multiplyAddsPerPixel;
          const parts = planParts(
            { haloPixels, multiplyAddsPerPixel },
            { width, height, multiple: alignment, maxMultiplyAdds },
          );
          const covered = new Uint8Array(width * height);
          for (const { left, top, right, bottom } of parts) {
            assert.ok(left % alignment === 0 && top % alignment === 0 && left < right && top < bottom);
            assert.ok(right <= width && bottom <= height);
            for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) covered[y * width + x] += 1;
            // With its surroundings, where it is not at the smallest already.
            const side = Math.max(right - left, bottom - top) + 2 * haloPixels;
            if (side > minPartSide + alignment + 2 * haloPixels) {
              const rounding = 2 * (alignment - 1) * side;
              assert.ok(side ** 2 <= maxPixels + rounding, `${side}² of ${maxPixels}`);
            }
          }
          assert.ok(covered.every((times) => times === 1));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('are a single one as long as that is not too much work', () => {
    const stage = { haloPixels: 3, multiplyAddsPerPixel: 10 };
    const count = (width: number) =>
      planParts(stage, { width, height: 50, multiple: 1, maxMultiplyAdds: 10 * 106 ** 2 }).length;
    assert.equal(count(100), 1);
    assert.equal(count(101), 2);
    const unlimited = { width: 5000, height: 3000, multiple: 1, maxMultiplyAdds: Number.POSITIVE_INFINITY };
    assert.deepEqual(planParts(stage, unlimited), [{ left: 0, top: 0, right: 5000, bottom: 3000 }]);
  });
});

async function loadStages(
  context: TestContext,
  file: string,
  maxMultiplyAddsPerPixel: number,
): Promise<{
  readonly stages: readonly LoadedStage[];
  readonly multiple: number;
  readonly channels: number;
}> {
  const checkpoint = await openSafetensors(file);
  const { sizeMultiple, inputChannels } = detectUpscaler(checkpoint);
  const stages: LoadedStage[] = [];
  context.after(() => Promise.all(stages.map(({ session }) => session.dispose())));
  for (const stage of emitUpscaler(checkpoint, { maxMultiplyAddsPerPixel })) {
    const session = await openSession(stage.model, { weightsFolder: path.dirname(file), device: 'cpu' });
    stages.push({ ...stage, session });
  }
  return { stages, multiple: sizeMultiple, channels: inputChannels };
}

function noise(shape: readonly number[]): Tensor {
  let state = 12345;
  const count = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
  return { shape, data };
}

async function runAll(
  stages: readonly LoadedStage[],
  image: Tensor,
  { multiple, maxMultiplyAdds }: { readonly multiple: number; readonly maxMultiplyAdds: number },
): Promise<{ readonly upscaled: Tensor; readonly parts: number }> {
  const [, , height, width] = image.shape;
  const values = new Map([['image', image]]);
  const { signal } = new AbortController();
  let parts = 0;
  const options = {
    width: width!,
    height: height!,
    multiple,
    maxMultiplyAdds,
    signal,
    onPart: () => parts++,
  };
  for (const stage of stages) {
    for (const [name, value] of await runInParts(stage, values, options)) values.set(name, value);
  }
  return { upscaled: values.get('upscaled')!, parts };
}

describe('a network run in parts gives what it gives in one piece', () => {
  // In units of the network's size multiple, so that the sizes are odd where they may be.
  const sizes = [
    [71, 45],
    [33, 97],
    [1, 70],
  ] as const;
  for (const name of [...goldenNames, 'rrdbnet-sequence-x8-grey'] as const) {
    test(name, async (context) => {
      for (const budget of [1, Number.POSITIVE_INFINITY]) {
        const { stages, multiple, channels } = await loadStages(context, goldenFile(name), budget);
        for (const [columns, rows] of sizes) {
          const image = noise([1, channels, rows * multiple, columns * multiple]);
          const whole = await runAll(stages, image, { multiple, maxMultiplyAdds: Number.POSITIVE_INFINITY });
          assert.equal(whole.parts, stages.length);
          const { upscaled, parts } = await runAll(stages, image, { multiple, maxMultiplyAdds: 1 });
          assert.ok(parts >= 2 * stages.length, `${parts} parts`);
          assertTensorsClose(upscaled, whole.upscaled, {
            atol: 1e-5,
            what: `${columns} x ${rows} in ${parts}`,
          });
        }
      }
    });
  }
});

test('an aborted signal ends a stage between two parts', async (context) => {
  const { stages, multiple } = await loadStages(context, goldenFile('srvgg-x4'), 1);
  const controller = new AbortController();
  let parts = 0;
  const onPart = () => {
    if (++parts === 2) controller.abort();
  };
  const image = noise([1, 3, 64, 128]);
  const options = { width: 128, height: 64, multiple, maxMultiplyAdds: 1, signal: controller.signal, onPart };
  await assert.rejects(runInParts(stages[0]!, new Map([['image', image]]), options), (error) => {
    assert.equal(toEngineError(error).code, 'cancelled');
    return true;
  });
  assert.equal(parts, 2);
});
