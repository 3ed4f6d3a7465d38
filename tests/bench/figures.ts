/** How benchmarks sum up what they measured, and say on what. */
import os from 'node:os';

/** The value that `share` of the samples do not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** CPU, cores, Node and how busy the machine is: figures of a busy one mean little. */
export function describeMachine(): string {
  const [cpu] = os.cpus();
  const [load = 0] = os.loadavg();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return (
    `${cpu?.model.trim() ?? 'unknown CPU'}, ${os.availableParallelism()} cores, ${memory} GiB, ` +
    `${os.platform()} ${os.arch()}, Node ${process.versions.node}, load ${load.toFixed(1)}`
  );
}

/** What a piece of work took, by the clock and of all threads of this process. */
export interface Time {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export async function timed(work: () => Promise<unknown>): Promise<Time> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds: (performance.now() - start) / 1e3, cpuSeconds: (user + system) / 1e6 };
}
