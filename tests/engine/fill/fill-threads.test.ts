import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { EngineError } from '../../../engine/errors.ts';
import { fillPicture } from '../../../engine/fill/fill-picture.ts';
import { FillThreads, MAX_FILL_THREADS } from '../../../engine/fill/fill-threads.ts';
import { plainMemory } from '../../../engine/fill/memory-pool.ts';
import { noise, rectangleMask } from './pictures.ts';

const picture = noise({ width: 60, height: 60, channels: 3 });
const mask = rectangleMask(picture, { left: 20, top: 20, width: 20, height: 20 });

test('takes 0 for one thread a core, and refuses what is no number of threads', () => {
  assert.ok(new FillThreads(0).count >= 1);
  assert.equal(new FillThreads(MAX_FILL_THREADS).count, MAX_FILL_THREADS);
  for (const count of [-1, 1.5, Number.NaN, MAX_FILL_THREADS + 1]) {
    assert.throws(() => new FillThreads(count), { code: 'invalid-option' });
  }
});

test('a task that fails rejects with its error and leaves the threads usable', async () => {
  const threads = new FillThreads(2);
  try {
    const canvas = { width: 9, height: 9, channels: 1, bytesPerSample: 1, samples: 0, mask: 0 } as const;
    // The buffer is too small for the canvas.
    const task = { kernel: 'plan', canvas } as const;
    await assert.rejects(threads.run(task, { jobs: 1, memory: plainMemory(8) }), EngineError);
    await fillPicture(picture, mask, { seed: 1, threads });
  } finally {
    await threads.close();
  }
});

test('threads that are started early are those that fill', async () => {
  const started: Worker[] = [];
  const onWorker = (worker: Worker) => started.push(worker);
  process.on('worker', onWorker);
  const threads = new FillThreads(2);
  try {
    threads.start();
    threads.start();
    await fillPicture(picture, mask, { seed: 1, threads });
    assert.equal(started.length, 2);
  } finally {
    process.off('worker', onWorker);
    await threads.close();
  }
});

test('closing ends a running fill', async () => {
  const threads = new FillThreads(2);
  let closed: Promise<void> | undefined;
  const onProgress = () => {
    closed ??= threads.close();
  };
  await assert.rejects(fillPicture(picture, mask, { seed: 1, threads, onProgress }));
  assert.ok(closed);
  await closed;
  await assert.rejects(fillPicture(picture, mask, { seed: 1, threads }));
});

test('a thread that dies rejects the running fill, and the next one gets new threads', async () => {
  const started: Worker[] = [];
  const onWorker = (worker: Worker) => started.push(worker);
  process.on('worker', onWorker);
  const threads = new FillThreads(2);
  try {
    const reference = await fillPicture(picture, mask, { seed: 1, threads });
    assert.equal(started.length, 2);
    let killed = false;
    const running = fillPicture(picture, mask, {
      seed: 1,
      threads,
      onProgress: () => {
        if (!killed) void started[1]!.terminate();
        killed = true;
      },
    });
    await assert.rejects(running, { code: 'internal' });
    const again = await fillPicture(picture, mask, { seed: 1, threads });
    assert.deepEqual(again.data, reference.data);
    assert.equal(started.length, 4);
  } finally {
    process.off('worker', onWorker);
    await threads.close();
  }
});
