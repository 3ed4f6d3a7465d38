import { EngineError } from '../errors.ts';

/** Left to the rest of the machine when deciding whether something fits. */
const reservedBytes = 512 * 2 ** 20;

/** Bytes that this process can still use without the machine running out. */
export function availableBytes(): number {
  return Math.max(0, process.availableMemory() - reservedBytes);
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Throws `out-of-memory` before the work starts, when `bytes` for `purpose` do not fit. */
export function requireMemory(bytes: number, purpose: string): void {
  const available = availableBytes();
  if (bytes <= available) return;
  throw new EngineError(
    'out-of-memory',
    `Expected ${gigabytes(bytes)} of memory to be free for ${purpose}, found ${gigabytes(available)}.`,
  );
}
