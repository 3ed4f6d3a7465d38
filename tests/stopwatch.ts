import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Time that processes of ours take, without that in which other programs had the cores, or other machines the processor that
 * this one is a part of: a busy machine says nothing of them. Only Linux tells that (the kernel's
 * Documentation/scheduler/sched-stats, and `steal` of proc(5)); elsewhere it is the time that has passed.
 */
export class Stopwatch {
  readonly #startedAt = performance.now();
  readonly #stolenBeforeMs = stolenMs();
  readonly #before = new Map<number, ReadonlyMap<string, number>>();
  /** What each process had waited when it was last looked at: one that has ended tells no more. */
  readonly #waitedMs = new Map<number, number>();

  /** Of the test's own process, and of others that run already. */
  constructor(pids: readonly number[] = []) {
    for (const pid of [process.pid, ...pids]) this.#before.set(pid, runQueueWaits(pid));
  }

  /**
   * What has passed, and what of it the processes were kept waiting, in ms; `started` are those that have begun since. Of a
   * process that ends, the wait counts up to the last time that this was called.
   */
  read(started: readonly number[] = []): { readonly passedMs: number; readonly waitedMs: number } {
    for (const pid of started) this.#before.set(pid, new Map());
    for (const [pid, before] of this.#before) {
      this.#waitedMs.set(pid, Math.max(this.#waitedMs.get(pid) ?? 0, longestWait(pid, before)));
    }
    const waitedMs = [...this.#waitedMs.values()].reduce((sum, ms) => sum + ms, 0);
    return {
      passedMs: performance.now() - this.#startedAt,
      waitedMs: waitedMs + stolenMs() - this.#stolenBeforeMs,
    };
  }
}

/** The time that other machines have had of each of this one's cores, in ms, since it was started. */
function stolenMs(): number {
  try {
    const [, ticks] = /^cpu +(?:\d+ ){7}(\d+)/.exec(readFileSync('/proc/stat', 'latin1')) ?? [];
    // A tick is a hundredth of a second on every Linux that Node runs on.
    return (Number(ticks ?? 0) * 10) / os.cpus().length;
  } catch {
    return 0;
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
