/** The entry of a fill's worker thread: takes jobs off a shared counter until a task has none left. */
import { parentPort } from 'node:worker_threads';
import { CANCELLED, type FillReply, type FillRequest, NEXT_JOB } from './fill-message.ts';
import { runJob } from './fill-task.ts';

const port = parentPort!;

port.on('message', ({ task, jobs, buffer, control }: FillRequest) => {
  const state = new Int32Array(control);
  const cancelled = () => Atomics.load(state, CANCELLED) !== 0;
  const results: [number, unknown][] = [];
  const reply = (message: FillReply) => port.postMessage(message);
  try {
    while (!cancelled()) {
      const index = Atomics.add(state, NEXT_JOB, 1);
      if (index >= jobs) break;
      results.push([index, runJob(task, index, { buffer, cancelled })]);
    }
    reply({ type: 'done', results });
  } catch (error) {
    reply({ type: 'failed', error });
  }
});
