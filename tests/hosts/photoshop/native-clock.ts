/**
 * How long this process has been Photoshop itself, which a real one would have been in threads of its own: a benchmark
 * leaves it out of what the plugin's JavaScript takes.
 */
export interface Spent {
  readonly wallMs: number;
  /** Of the processor alone: what other programs took of it is not in it. */
  readonly cpuMs: number;
}

let wallMs = 0;
let cpuMs = 0;

export function natively<Value>(work: () => Value): Value {
  const before = performance.now();
  const cpuBefore = process.cpuUsage();
  try {
    return work();
  } finally {
    const { user, system } = process.cpuUsage(cpuBefore);
    wallMs += performance.now() - before;
    cpuMs += (user + system) / 1_000;
  }
}

/** Since the process began. */
export function nativelySpent(): Spent {
  return { wallMs, cpuMs };
}
