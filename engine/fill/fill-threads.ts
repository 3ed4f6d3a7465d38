import os from 'node:os';
import type { Worker } from 'node:worker_threads';
import { EngineError, toEngineError } from '../errors.ts';
import { startThread } from '../runtime/thread.ts';
import { CANCELLED, type FillReply, type FillRequest, type FillThreadData } from './fill-message.ts';
import type { FillTask } from './fill-task.ts';
import { type CoreKind, MemoryPool, type SharedMemory } from './memory-pool.ts';

export interface RunOptions {
  readonly jobs: number;
  /** Of `memories`, or plain. */
  readonly memory: SharedMemory;
  readonly signal?: AbortSignal | undefined;
}

/** More threads than this only wait for each other: a fill has few bands at a time. */
export const MAX_FILL_THREADS = 64;

/**
 * The fill's worker threads, started at the first use (or before it by `start`) and kept. Tasks of several fills may be handed in at the same
 * time: each runs on all threads, one after the other. Idle threads do not keep the process alive. Whoever creates
 * this closes it.
 */
export class FillThreads {
  readonly #count: number;
  /** What fills on these threads work in. */
  readonly memories: MemoryPool;
  #workers: Worker[] = [];
  /** Id of the memory that the workers have been sent. */
  #memoryId = 0;
  /** Settles when the task before has. */
  #last: Promise<unknown> = Promise.resolve();
  #fail: ((error: EngineError) => void) | null = null;
  #closed = false;

  /**
   * @param count Threads, 0..64; 0 = one for each core.
   * @param options `core`: what runs the kernels, 'wasm' where it can unless told otherwise; the result is the same.
   * @throws EngineError 'invalid-option'.
   */
  constructor(count: number, { core = 'wasm' }: { readonly core?: CoreKind } = {}) {
    if (!Number.isInteger(count) || count < 0 || count > MAX_FILL_THREADS) {
      throw new EngineError(
        'invalid-option',
        `Expected 0 to ${MAX_FILL_THREADS} threads for the fill, received ${count}`,
      );
    }
    this.#count = count === 0 ? Math.min(os.availableParallelism(), MAX_FILL_THREADS) : count;
    this.memories = new MemoryPool({ core, threads: this.#count });
  }

  /** How many threads work on a fill. */
  get count(): number {
    return this.#count;
  }

  /**
   * Runs all jobs of a task.
   *
   * @returns What each job returned, in the jobs' order.
   * @throws EngineError 'cancelled' soon after the signal; 'internal' when a thread dies, after which the next task
   * gets new threads.
   */
  run(task: FillTask, options: RunOptions): Promise<unknown[]> {
    const result = this.#last.then(() => this.#runNow(task, options));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Ends the threads; what is running rejects as cancelled. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#fail?.(new EngineError('cancelled', 'The fill was cancelled because its threads were closed.'));
    await this.#terminate();
  }

  async #terminate(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.removeAllListeners().terminate()));
  }

  /**
   * Starts those threads that do not run yet, which `run` does too: called while a source is still being decoded, it
   * hides the time that takes.
   */
  start(): void {
    const died = (error: EngineError) => {
      this.#fail?.(error);
      this.memories.abandon();
      void this.#terminate();
    };
    if (this.#workers.length === 0) this.#memoryId = 0;
    while (this.#workers.length < this.#count) {
      const data: FillThreadData = { thread: this.#workers.length };
      const worker = startThread('fill', data);
      worker.on('error', (error) => died(toEngineError(error)));
      worker.on('exit', (code) => {
        died(new EngineError('internal', `A thread of the fill ended unexpectedly (exit code ${code}).`));
      });
      worker.unref();
      this.#workers.push(worker);
    }
  }

  #post(request: FillRequest): void {
    for (const worker of this.#workers) worker.postMessage(request);
  }

  async #runNow(task: FillTask, { jobs, memory, signal }: RunOptions): Promise<unknown[]> {
    if (signal?.aborted) throw cancelled();
    if (this.#closed) throw new EngineError('internal', 'Expected open fill threads, received closed ones.');
    this.start();
    if (this.#memoryId !== memory.id) {
      this.#memoryId = memory.id;
      this.#post({ type: 'memory', memory });
    }
    const workers = this.#workers;
    const control = new SharedArrayBuffer(8);
    const stop = () => Atomics.store(new Int32Array(control), CANCELLED, 1);
    const results: unknown[] = new Array(jobs).fill(undefined);
    const request: FillRequest = { type: 'run', task, jobs, control };
    let listeners: (() => void)[] = [];
    signal?.addEventListener('abort', stop);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#fail = reject;
        let waiting = workers.length;
        let failure: unknown;
        listeners = workers.map((worker) => {
          const onMessage = (reply: FillReply) => {
            if (reply.type === 'failed') {
              failure = reply.error;
              stop();
            } else {
              for (const [index, value] of reply.results) results[index] = value;
            }
            if (--waiting > 0) return;
            if (failure === undefined) resolve();
            else reject(toEngineError(failure));
          };
          worker.ref();
          worker.on('message', onMessage);
          worker.postMessage(request);
          return () => {
            worker.off('message', onMessage);
            // Threads that are being ended must keep the process alive until they have.
            if (this.#workers === workers) worker.unref();
          };
        });
      });
    } finally {
      this.#fail = null;
      signal?.removeEventListener('abort', stop);
      for (const remove of listeners) remove();
    }
    if (signal?.aborted) throw cancelled();
    return results;
  }
}

function cancelled(): EngineError {
  return new EngineError('cancelled', 'The fill was cancelled.');
}
