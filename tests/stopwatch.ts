import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Time that processes of ours take, without that in which other programs had the cores: a busy machine says nothing of them.
 * Only Linux tells that (the kernel's Documentation/scheduler/sched-stats); elsewhere it is the time that has passed.
 */
export class Stopwatch {
  readonly #startedAt = performance.now();
  readonly #waits = new Map<number, ReadonlyMap<string, number>>();

  /** Of the test's own process, and of others that run already. */
  constructor(pids: readonly number[] = []) {
    for (const pid of [process.pid, ...pids]) this.#waits.set(pid, runQueueWaits(pid));
  }

  /** What has passed, and what of it the processes were kept waiting, in ms; `started` are those that have begun since. */
  read(started: readonly number[] = []): { readonly passedMs: number; readonly waitedMs: number } {
    for (const pid of started) this.#waits.set(pid, new Map());
    const waitedMs = [...this.#waits].reduce((sum, [pid, before]) => sum + longestWait(pid, before), 0);
    return { passedMs: performance.now() - this.#startedAt, waitedMs };
  }
}

/** For how long each thread of a process has waited for a core so far, in ms, by thread id. */
function runQueueWaits(pid: number): ReadonlyMap<string, number> {
  const waits = new Map<string, number>();
  const folder = `/proc/${pid}/task`;
  try {
    for (const thread of readdirSync(folder)) {
      const [, waitedNs] = readFileSync(path.join(folder, thread, 'schedstat'), 'utf8').split(' ');
      waits.set(thread, Number(waitedNs) / 1e6);
    }
  } catch {
    // Not Linux, or a thread that has just ended.
  }
  return waits;
}

/** The longest that any one thread has waited since `before`. */
function longestWait(pid: number, before: ReadonlyMap<string, number>): number {
  const waits = [...runQueueWaits(pid)].map(([thread, waitedMs]) => waitedMs - (before.get(thread) ?? 0));
  return Math.max(0, ...waits);
}
