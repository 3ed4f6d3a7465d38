import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { EngineTask, ImagePayload, UpscaleTask } from '../../../engine/api.ts';
import { toEngineError } from '../../../engine/errors.ts';
import { estimateTask } from '../../../engine/pipelines/estimate.ts';
import { startTestEngine } from './engine-fixture.ts';

const engine = await startTestEngine({ after });
const outline = (width: number, height: number): ImagePayload => ({
  format: 'rgb8',
  width,
  height,
  bytes: new Uint8Array(),
});
const output = { format: 'png', quality: 90 } as const;

function upscale(width: number, height: number, name = 'realesr-general-x4v3'): UpscaleTask {
  return {
    operation: 'upscale',
    source: outline(width, height),
    model: { name },
    target: { scale: 4 },
    output,
  };
}

test('an upscale: the size it will have, and time and memory that grow with the picture and the network', async () => {
  const small = await estimateTask(upscale(300, 200), { engine });
  assert.deepEqual(
    [small.outputWidth, small.outputHeight, small.contextBounds, small.steps, small.outcome],
    [1200, 800, { left: 0, top: 0, width: 300, height: 200 }, 1, 'fits'],
  );
  // 300 x 200 x 1.21 million multiply-adds: between a tenth of a second and some seconds on any computer.
  assert.ok(small.durationMs > 100 && small.durationMs < 10_000, `${small.durationMs} ms`);
  assert.ok(
    small.memoryBytes > 300 * 200 * 16 * 3 && small.memoryBytes < 2 ** 30,
    `${small.memoryBytes} bytes`,
  );
  const large = await estimateTask(upscale(3000, 2000), { engine });
  assert.ok(large.durationMs > 80 * small.durationMs && large.memoryBytes > small.memoryBytes);
  assert.ok(large.steps > 12);
  const slow = await estimateTask(upscale(300, 200, 'realesrgan-x4plus'), { engine });
  assert.ok(slow.durationMs > 10 * small.durationMs);
});

test('a result that goes to a file takes no memory for itself', async () => {
  const spooled = await estimateTask(upscale(6000, 4000), { engine });
  assert.ok(spooled.memoryBytes < 4 * 2 ** 30, `${spooled.memoryBytes} bytes`);
});

test('what is larger than all memory does not fit', async () => {
  const side = 200_000;
  const { outcome, memoryBytes, availableBytes, refusal } = await estimateTask(
    {
      operation: 'fill',
      source: outline(side, side),
      mask: outline(side, side),
      model: { name: 'patchmatch' },
      output,
      seed: 0,
      count: 1,
      resultArea: 'picture',
    },
    { engine },
  );
  assert.ok(memoryBytes > side ** 2);
  assert.ok(memoryBytes > availableBytes);
  assert.equal(outcome, 'refused');
  assert.match(refusal!.message, /^Expected [\d.]+ GiB of memory .*200000 x 200000 px, found [\d.]+ GiB/);
});

test('a removal: the time of a fill for each of its starts, of which a large one has one', async () => {
  const timeOf = async (operation: 'fill' | 'remove', side: number) => {
    const task: EngineTask = {
      operation,
      source: outline(side, side),
      mask: outline(side, side),
      model: { name: 'patchmatch' },
      output,
      seed: 0,
      count: 1,
      resultArea: 'mask',
    };
    return (await estimateTask(task, { engine })).durationMs;
  };
  assert.equal(await timeOf('remove', 400), 3 * (await timeOf('fill', 400)));
  assert.equal(await timeOf('remove', 4000), await timeOf('fill', 4000));
});

test('an expansion: the grown size, and time by how much is grown', async () => {
  const expand = (right: number): EngineTask => ({
    operation: 'expand',
    source: outline(400, 300),
    model: { name: 'patchmatch' },
    output,
    left: 10,
    right,
    top: 0,
    bottom: 20,
    seed: 0,
    count: 2,
  });
  const estimate = await estimateTask(expand(30), { engine });
  assert.deepEqual([estimate.outputWidth, estimate.outputHeight, estimate.steps], [440, 320, 2]);
  assert.ok((await estimateTask(expand(300), { engine })).durationMs > 3 * estimate.durationMs);
});

test('what cannot be done has no estimate: an unknown model, too large a result, a source without a size', async () => {
  const code = (expected: string) => (error: unknown) => toEngineError(error).code === expected;
  await assert.rejects(estimateTask(upscale(30, 20, 'none'), { engine }), code('model-not-found'));
  await assert.rejects(estimateTask(upscale(30_000, 20_000), { engine }), code('image-too-large'));
  const source: ImagePayload = { format: 'png', bytes: new Uint8Array() };
  await assert.rejects(estimateTask({ ...upscale(1, 1), source }, { engine }), code('invalid-option'));
});
