import type { FillTask } from './fill-task.ts';
import type { SharedMemory } from './memory-pool.ts';

/** What the fill's threads are sent and answer. */
export type FillRequest =
  /** What the next tasks work on. */
  | { readonly type: 'memory'; readonly memory: SharedMemory }
  /** All threads get the same and share its jobs. */
  | {
      readonly type: 'run';
      readonly task: FillTask;
      readonly jobs: number;
      /** Two Int32: `NEXT_JOB` and `CANCELLED`. */
      readonly control: SharedArrayBuffer;
    };

/** Index of the next job that no thread has taken. */
export const NEXT_JOB = 0;
/** Not 0: take no more jobs. */
export const CANCELLED = 1;

/** What a thread is started with. */
export interface FillThreadData {
  /** 0 and up: which part of a memory's reserved bytes is its own. */
  readonly thread: number;
}

export type FillReply =
  /** Each of this thread's jobs with what it returned. */
  | { readonly type: 'done'; readonly results: readonly (readonly [number, unknown])[] }
  | { readonly type: 'failed'; readonly error: unknown };
