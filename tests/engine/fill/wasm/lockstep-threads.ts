import assert from 'node:assert/strict';
import type { CanvasLayout } from '../../../../engine/fill/fill-memory.ts';
import { type FillTask, runJob } from '../../../../engine/fill/fill-task.ts';
import { FillThreads, type RunOptions } from '../../../../engine/fill/fill-threads.ts';
import { FEATURES, type LevelLayout } from '../../../../engine/fill/level.ts';
import type { SharedMemory } from '../../../../engine/fill/memory-pool.ts';
import { runCoreJob } from '../../../../engine/fill/wasm/core-task.ts';
import { FillCore } from '../../../../engine/fill/wasm/fill-core.ts';

interface Region {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
}

/**
 * Threads that run each task here, on the core and with the scalar kernels on a copy of the same bytes, and fail at the
 * first task that returns or leaves something else.
 */
export class LockstepThreads extends FillThreads {
  readonly kernels = new Set<FillTask['kernel']>();
  #memory: SharedMemory | null = null;
  #core: FillCore | null = null;

  constructor() {
    super(1, { core: 'wasm' });
  }

  override async run(task: FillTask, { jobs, memory }: RunOptions): Promise<unknown[]> {
    if (this.#memory !== memory) {
      this.#memory = memory;
      this.#core = memory.wasm === null ? null : new FillCore(memory.wasm, 0);
    }
    this.kernels.add(task.kernel);
    const bytes = new Uint8Array(memory.buffer);
    const copy = new SharedArrayBuffer(memory.buffer.byteLength);
    const copied = new Uint8Array(copy);
    copied.set(bytes);
    const cancelled = () => false;
    const results: unknown[] = [];
    for (let index = 0; index < jobs; index++) {
      const expected = runJob(task, index, { buffer: copy, cancelled });
      const context = { buffer: memory.buffer, cancelled };
      const result =
        this.#core === null ? runJob(task, index, context) : runCoreJob(this.#core, task, index, context);
      assert.deepEqual(result, expected, `${task.kernel} returned something else`);
      results.push(result);
    }
    for (const { name, start, bytes: length } of regionsOf(task, bytes)) {
      const left = bytes.subarray(start, start + length);
      const expected = copied.subarray(start, start + length);
      if (Buffer.compare(left, expected) === 0) continue;
      const at = left.findIndex((value, i) => value !== expected[i]);
      assert.fail(`${task.kernel} left ${left[at]} in ${name} at ${at}, expected ${expected[at]}`);
    }
    return results;
  }
}

/** What a task may have written, as far as it is read afterwards. */
function regionsOf(task: FillTask, bytes: Uint8Array): Region[] {
  const regions: Region[] = [];
  const addCanvas = ({ samples, width, height, channels, bytesPerSample }: CanvasLayout) =>
    regions.push({ name: 'samples', start: samples, bytes: width * height * channels * bytesPerSample });
  const addLevel = (level: LevelLayout) => {
    const count = level.width * level.height;
    const box = level.targets.width * level.targets.height;
    regions.push({ name: 'roles', start: level.roles, bytes: count });
    regions.push({ name: 'distance', start: level.distance, bytes: count * 2 });
    if (level.low !== -1) regions.push({ name: 'low', start: level.low, bytes: count * FEATURES });
    for (const field of level.fields) {
      regions.push({ name: 'pixels', start: field.pixels, bytes: count * FEATURES });
      regions.push({ name: 'neighbours', start: field.neighbours[0], bytes: box * 4 });
      regions.push({ name: 'costs', start: field.costs, bytes: box * 4 });
      // The start keeps a list of its own there.
      if (task.kernel !== 'peel')
        regions.push({ name: 'back neighbours', start: field.neighbours[1], bytes: box * 4 });
    }
  };
  if ('canvas' in task && task.kernel !== 'plan') addCanvas(task.canvas);
  if ('level' in task) addLevel(task.level);
  if ('levels' in task) task.levels.forEach(addLevel);
  if (task.kernel === 'seams') {
    const { length } = bytes;
    regions.push({ name: 'membrane', start: task.memory, bytes: length - task.memory });
  }
  if ('selection' in task) addLevel(task.selection.level);
  return regions;
}
