import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * For how long each thread of a process has waited for a core so far, in ms, by thread id: what other programs have cost it.
 * Nothing where the system does not say (only Linux does; the kernel's Documentation/scheduler/sched-stats).
 */
export function runQueueWaits(pid: number): ReadonlyMap<string, number> {
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
export function longestWaitSince(before: ReadonlyMap<string, number>, pid: number): number {
  const waits = [...runQueueWaits(pid)].map(([thread, waitedMs]) => waitedMs - (before.get(thread) ?? 0));
  return Math.max(0, ...waits);
}
