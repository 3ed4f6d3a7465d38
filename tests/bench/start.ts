/**
 * From the start of `inlay serve` to its line that it is ready, and the memory of its processes when idle:
 *
 *     npm run build && npx tsx tests/bench/start.ts [--rounds 5]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, median } from './figures.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const entry = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'inlay.js');
/** Long enough after the start for memory to have settled. */
const settleMs = 2_000;

interface StartSample {
  readonly seconds: number;
  /** Resident memory of the host and of its children, where the system tells (Linux). */
  readonly hostBytes?: number;
  readonly engineBytes?: number;
}

/** Resident memory of a process. */
function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`))
    .filter(
      (name) => readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid),
    )
    .map(Number);
}

async function start(): Promise<StartSample> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'inlay-bench-'));
  const startMs = performance.now();
  const child = spawn(process.execPath, [entry, 'serve'], {
    env: { ...process.env, INLAY_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const line of createInterface(child.stdout)) if (line.includes('is ready')) break;
    const seconds = (performance.now() - startMs) / 1e3;
    if (!existsSync('/proc/self/status')) return { seconds };
    await wait(settleMs);
    const engineBytes = childrenOf(child.pid!).reduce((sum, pid) => sum + residentBytes(pid), 0);
    return { seconds, hostBytes: residentBytes(child.pid!), engineBytes };
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
    await rm(home, { recursive: true, force: true });
  }
}

console.log(describeMachine());
const samples: StartSample[] = [];
for (let round = 0; round < Number(values.rounds); round++) samples.push(await start());
const seconds = samples.map((sample) => sample.seconds);
console.log(
  `from the start to the ready line: best ${Math.min(...seconds).toFixed(2)} s, median ${median(seconds).toFixed(2)} s`,
);
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const { hostBytes, engineBytes } = samples.at(-1)!;
if (hostBytes !== undefined && engineBytes !== undefined) {
  console.log(`idle: host ${megabytes(hostBytes)}, engine ${megabytes(engineBytes)}`);
}
