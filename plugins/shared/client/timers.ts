/** Timers, which every environment has and none of our compiled libraries declares. */
interface Timers {
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

const timers = globalThis as unknown as Timers;

/** Calls back once. Returns what prevents that. */
export function after(delayMs: number, callback: () => void): () => void {
  const timer = timers.setTimeout(callback, delayMs);
  return () => timers.clearTimeout(timer);
}
