import os from 'node:os';
import { EngineError } from '../errors.ts';

/** Left to the rest of the machine when deciding whether something fits. */
const reservedBytes = 512 * 2 ** 20;

/** No more than this share of the machine's memory, or of what a container may have, goes to loaded networks and their work. */
const maxNetworkShare = 0.8;

/** Bytes that this process can still use without the machine running out. */
export function availableBytes(): number {
  return Math.max(0, freeBytes() - reservedBytes);
}

/** What loaded networks and their work may take in all, of which `heldBytes` are taken already. */
export function networkBudget(heldBytes: number): number {
  return Math.floor(Math.min(maxNetworkShare * totalBytes(), availableBytes() + heldBytes));
}

/** Of the machine, or of the container that this process is in. */
function totalBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}

/** macOS counts as free what nobody has used yet, without the caches that it would give up: there at least half is taken for free. */
function freeBytes(): number {
  const free = process.availableMemory();
  if (process.platform !== 'darwin') return free;
  return Math.max(free, totalBytes() / 2 - process.memoryUsage.rss());
}

export function formatGigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** Throws `out-of-memory` before the work starts, when `bytes` for `purpose` do not fit into `available`. */
export function requireMemory(bytes: number, purpose: string, available: number = availableBytes()): void {
  if (bytes <= available) return;
  throw new EngineError(
    'out-of-memory',
    `Expected ${formatGigabytes(bytes)} of memory to be free for ${purpose}, found ${formatGigabytes(available)}.`,
  );
}
