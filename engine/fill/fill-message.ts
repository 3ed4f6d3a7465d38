import type { FillTask } from './fill-task.ts';

/** What the fill's threads are sent and answer. All threads get the same request and share its jobs. */
export interface FillRequest {
  readonly task: FillTask;
  readonly jobs: number;
  readonly buffer: SharedArrayBuffer;
  /** Two Int32: `NEXT_JOB` and `CANCELLED`. */
  readonly control: SharedArrayBuffer;
}

/** Index of the next job that no thread has taken. */
export const NEXT_JOB = 0;
/** Not 0: take no more jobs. */
export const CANCELLED = 1;

export type FillReply =
  /** Each of this thread's jobs with what it returned. */
  | { readonly type: 'done'; readonly results: readonly (readonly [number, unknown])[] }
  | { readonly type: 'failed'; readonly error: unknown };
