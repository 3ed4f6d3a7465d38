/** The entry of a fill's worker thread: takes jobs off a shared counter until a task has none left. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  CANCELLED,
  type FillReply,
  type FillRequest,
  type FillThreadData,
  NEXT_JOB,
} from './fill-message.ts';
import { runJob } from './fill-task.ts';
import type { SharedMemory } from './memory-pool.ts';
import { coreModule } from './wasm/core-module.ts';
import { runCoreJob } from './wasm/core-task.ts';
import { FillCore } from './wasm/fill-core.ts';

const port = parentPort!;
const { thread } = workerData as FillThreadData;

// Compiled now, as the thread is often started before there is anything to do.
coreModule();

let memory: SharedMemory | null = null;
/** The core on that memory; null until it is needed, and where only scalar code can work on it. */
let core: FillCore | null = null;

port.on('message', (request: FillRequest) => {
  if (request.type === 'memory') {
    memory = request.memory;
    core = null;
    return;
  }
  const { task, jobs } = request;
  const state = new Int32Array(request.control);
  const cancelled = () => Atomics.load(state, CANCELLED) !== 0;
  const results: [number, unknown][] = [];
  const reply = (message: FillReply) => port.postMessage(message);
  try {
    const { buffer, wasm } = memory!;
    if (wasm !== null) core ??= new FillCore(wasm, thread);
    const context = { buffer, cancelled };
    while (!cancelled()) {
      const index = Atomics.add(state, NEXT_JOB, 1);
      if (index >= jobs) break;
      const result = core === null ? runJob(task, index, context) : runCoreJob(core, task, index, context);
      results.push([index, result]);
    }
    reply({ type: 'done', results });
  } catch (error) {
    reply({ type: 'failed', error });
  }
});
