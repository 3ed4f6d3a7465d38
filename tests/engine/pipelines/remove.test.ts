import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { RemoveTask } from '../../../engine/api.ts';
import { toEngineError } from '../../../engine/errors.ts';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import { growObjectMask } from '../../../engine/fill/object-mask.ts';
import { maskBounds } from '../../../engine/image/bounds.ts';
import { compositeOver } from '../../../engine/image/composite.ts';
import { cropMask } from '../../../engine/image/crop.ts';
import { bytesOfResult, drawPicture, pictureOf, rawPayload, startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });
const size = { width: 120, height: 90 };
const hole = { left: 41, top: 30, width: 30, height: 24 };
const picture = drawPicture({ ...size, channels: 4, depth: 8 });
const mask = { ...size, data: new Uint8Array(size.width * size.height) };
for (let y = hole.top - 1; y <= hole.top + hole.height; y++) {
  for (let x = hole.left - 1; x <= hole.left + hole.width; x++) {
    const i = y * size.width + x;
    // A white object whose edge the mask leaves out.
    picture.data.fill(255, 4 * i, 4 * i + 4);
    const isInside =
      x >= hole.left && x < hole.left + hole.width && y >= hole.top && y < hole.top + hole.height;
    if (isInside) mask.data[i] = 255;
  }
}
const task: RemoveTask = {
  operation: 'remove',
  source: rawPayload(picture),
  mask: { format: 'gray8', ...size, bytes: mask.data },
  model: { name: 'patchmatch' },
  output: { format: 'rgba8', quality: 90 },
  seed: 7,
  count: 1,
  resultArea: 'picture',
};
const threads = new FillThreads(1);
after(() => threads.close());
const grown = await growObjectMask(picture, mask, { threads });
const bounds = maskBounds(grown)!;

describe('a removal', () => {
  test('takes the edge that the mask has left, and keeps every bit outside the grown mask', async () => {
    const { results } = await engine.run(task);
    assert.equal(results.length, 1);
    const { content: _, ...result } = results[0]!;
    const whole = { left: 0, top: 0, ...size };
    assert.deepEqual(result, { index: 0, role: 'picture', seed: 7, format: 'rgba8', bounds: whole });
    const { data } = await pictureOf(results[0]!);
    for (let i = 0; i < mask.data.length; i++) {
      const now = data.subarray(4 * i, 4 * i + 4);
      if (grown.data[i] === 0) assert.deepEqual(now, picture.data.subarray(4 * i, 4 * i + 4));
      else if (grown.data[i] === 255) assert.ok(now.some((value) => value < 255));
    }
    assert.ok(grown.data.some((value, i) => value === 255 && mask.data[i] === 0));
  });

  test("of the mask's area comes with the grown mask, which mixes it into the whole", async () => {
    const whole = await pictureOf((await engine.run(task)).results[0]!);
    const { results } = await engine.run({ ...task, resultArea: 'mask' });
    assert.deepEqual(
      results.map(({ index, role, seed, format, bounds: at }) => ({ index, role, seed, format, at })),
      [
        { index: 0, role: 'picture', seed: 7, format: 'rgba8', at: bounds },
        { index: 0, role: 'mask', seed: 7, format: 'gray8', at: bounds },
      ],
    );
    const fill = await pictureOf(results[0]!);
    const { data } = await pictureOf(results[1]!);
    const layerMask = { width: bounds.width, height: bounds.height, data: data as Uint8Array };
    assert.deepEqual(layerMask, cropMask(grown, bounds));
    assert.deepEqual(compositeOver(picture, { fill, mask: layerMask, at: bounds }), whole);
  });

  test('of several pictures gives each the next seed, and each again by its own', async () => {
    const { results } = await engine.run({ ...task, seed: 2 ** 32 - 1, count: 2 });
    assert.deepEqual(
      results.map(({ index, seed }) => [index, seed]),
      [
        [0, 2 ** 32 - 1],
        [1, 0],
      ],
    );
    const bytes = results.map((result) => Buffer.from(bytesOfResult(result)));
    assert.notDeepEqual(bytes[0], bytes[1]);
    const again = await engine.run({ ...task, seed: 0 });
    assert.deepEqual(Buffer.from(bytesOfResult(again.results[0]!)), bytes[1]);
  });

  test('reports one progress over all starts and pictures, and previews where they belong', async () => {
    const { progress, previews } = await engine.run({ ...task, count: 2 });
    const filling = progress.filter(({ phase }) => phase === 'filling');
    for (const [index, { step, steps }] of filling.entries()) {
      assert.ok(step <= steps && step > (filling[index - 1]?.step ?? 0), `${step} of ${steps}`);
      assert.equal(steps, filling[0]!.steps);
    }
    assert.equal(filling.at(-1)!.step, filling.at(-1)!.steps);
    assert.ok(previews.length > 0);
    for (const preview of previews) assert.deepEqual(preview.bounds, bounds);
  });

  test('is cancelled soon, and fails with what is wrong', async () => {
    const controller = new AbortController();
    const cancelled = engine.run({ ...task, count: 8 }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(cancelled, (error) => toEngineError(error).code === 'cancelled');
    for (const [value, code] of [
      [0, 'mask-empty'],
      [255, 'mask-full'],
    ] as const) {
      const bytes = new Uint8Array(mask.data.length).fill(value);
      await assert.rejects(
        engine.run({ ...task, mask: { ...task.mask, bytes } }),
        (error) => toEngineError(error).code === code,
      );
    }
  });
});
