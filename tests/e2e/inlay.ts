/** Runs the built command line in processes of its own, as a person or a script does. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { writeHashedCheckpoint } from '../engine/hashed-checkpoint.ts';
import { patienceMs } from '../patience.ts';
import { Stopwatch } from '../stopwatch.ts';
import { buildInlay, sharedBuildVariable } from './build-inlay.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningProcess {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly finished: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
  /** Waits until stdout matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A build and a folder for files; the folder is gone after `remove`, and so is the build if it is no other's. */
export class Inlay {
  /** For pictures and results; the home is `home` in it. */
  readonly folder: string;
  readonly home: string;
  readonly program: string;
  /** Removed with this; undefined where others use the build too. */
  readonly #ownBuild: string | undefined;
  readonly #running = new Set<ChildProcessByStdio<null, Readable, Readable>>();

  private constructor(
    folder: string,
    { build, isShared }: { readonly build: string; readonly isShared: boolean },
  ) {
    this.#ownBuild = isShared ? undefined : build;
    this.folder = folder;
    this.home = path.join(folder, 'home');
    this.program = path.join(build, 'dist', 'inlay.js');
  }

  /** Of the build that `scripts/test.ts` made for all files; of one of its own where a file runs by itself. */
  static async build(): Promise<Inlay> {
    const shared = process.env[sharedBuildVariable];
    const build = shared ?? (await buildInlay());
    const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-e2e-'));
    return new Inlay(folder, { build, isShared: shared !== undefined });
  }

  async remove(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    if (this.#ownBuild) await rm(this.#ownBuild, { recursive: true, force: true, maxRetries: 5 });
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Puts a Stable Diffusion checkpoint as small as can be into the models folder; its file. */
  async installCheckpoint(name = 'tiny'): Promise<string> {
    const file = path.join(this.home, 'models', `${name}.safetensors`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeHashedCheckpoint(file, 'base');
    return file;
  }

  start(args: readonly string[], options: RunOptions = {}): RunningProcess {
    return this.spawn(process.execPath, [this.program, ...args], options);
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return this.start(args, options).finished;
  }

  /** Runs any program in the same surroundings: a home of its own, the CPU, no other variable of Inlay's. */
  spawn(
    file: string,
    args: readonly string[],
    { cwd = this.folder, env = {} }: RunOptions = {},
  ): RunningProcess {
    const foreign = Object.keys(process.env).filter((name) => name.startsWith('INLAY_'));
    const child = spawn(file, args, {
      cwd,
      env: {
        ...process.env,
        ...Object.fromEntries(foreign.map((name) => [name, undefined])),
        INLAY_HOME: this.home,
        INLAY_DEVICE: 'cpu',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const finished = new Promise<Outcome>((resolve) => {
      child.once('close', (code) => {
        this.#running.delete(child);
        resolve({ code, stdout, stderr });
      });
    });
    return {
      pid: child.pid as number,
      get stdout() {
        return stdout;
      },
      get stderr() {
        return stderr;
      },
      finished,
      kill: (signal) => child.kill(signal),
      says: (pattern) =>
        until(`"${pattern}" on stdout`, () => {
          const found = pattern.exec(stdout);
          if (found === null && child.exitCode !== null) assert.fail(`It ended before:\n${stdout}${stderr}`);
          return found ?? undefined;
        }),
    };
  }

  /** What the spool of a home in the folder holds. */
  spooled(home = 'home'): string[] {
    const spool = path.join(this.folder, home, 'spool');
    return existsSync(spool) ? readdirSync(spool) : [];
  }
}

/** Below those that any system hands out by itself: until it is used, nobody comes upon one of these by chance. */
const ownPorts = { from: 20_000, to: 32_000 } as const;

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ownPorts.from, ownPorts.to);
    if ((await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'))) return port;
  }
}

/** Also where the computer has no such address. */
async function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer();
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  if (problem !== undefined) return problem.code !== 'EADDRINUSE' && problem.code !== 'EACCES';
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** Waits for something that comes about by itself. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined,
  timeoutMs = patienceMs,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    assert.ok(performance.now() < deadline, `waited ${timeoutMs} ms for ${what}`);
    await delay(20);
  }
}

/** How long a running process takes to end, in ms, without the time in which it and `others` were kept waiting for a core. */
export async function timeToEnd(
  { pid, finished }: Pick<RunningProcess, 'pid' | 'finished'>,
  others: readonly number[] = [],
): Promise<number> {
  const stopwatch = new Stopwatch([pid, ...others]);
  const looking = setInterval(() => stopwatch.read(), 50);
  try {
    await finished;
  } finally {
    clearInterval(looking);
  }
  const { passedMs, waitedMs } = stopwatch.read();
  return passedMs - waitedMs;
}

/** The running processes that this one has started. Not on Windows. */
export function childrenOf(pid: number): number[] {
  return processes()
    .filter(({ parent, state }) => parent === pid && state !== 'Z')
    .map((child) => child.pid);
}

interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  /** `Z` for one that has ended and whose parent has not noticed. */
  readonly state: string;
}

/** Small Linux images have no `ps`, macOS has no `/proc`. */
function processes(): ProcessState[] {
  if (process.platform === 'linux') {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map(Number).flatMap((pid) => processOf(pid) ?? []);
  }
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' });
  return stdout.split('\n').map((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), state: state.charAt(0) };
  });
}

function processOf(pid: number): ProcessState | undefined {
  try {
    const [, state = '', parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { pid, parent: Number(parent), state };
  } catch {
    // It has just ended.
    return undefined;
  }
}

/** Whether a process is there and has not ended; whoever collects its remains may take their time. */
export function isRunning(pid: number): boolean {
  const found = processes().find((candidate) => candidate.pid === pid);
  return found !== undefined && found.state !== 'Z';
}

/** The time that all threads of a running process have worked. Not on Windows. */
export function cpuTimeMs(pid: number): number {
  if (process.platform === 'linux') {
    const ticks = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    assert.ok(ticks, `process ${pid} tells its time`);
    // A hundred a second on every Linux that Node runs on.
    return (Number(ticks[1]) + Number(ticks[2])) * 10;
  }
  const { stdout } = spawnSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' });
  return (
    stdout
      .trim()
      .split(':')
      .reduce((total, part) => total * 60 + Number(part), 0) * 1_000
  );
}

/** The engine of a running command. Not on Windows. */
export function engineOf({ pid }: Pick<RunningProcess, 'pid'>): Promise<number> {
  return until('an engine', () => childrenOf(pid)[0]);
}

/**
 * Acts while the engine of a running command stands still: what it is asked for meanwhile is begun, and not over. On Windows,
 * which has no such signals, it goes on.
 */
export async function whileEngineRests<Value>(
  running: Pick<RunningProcess, 'pid'>,
  act: () => Promise<Value>,
): Promise<Value> {
  if (process.platform === 'win32') return act();
  const engine = await engineOf(running);
  process.kill(engine, 'SIGSTOP');
  try {
    return await act();
  } finally {
    process.kill(engine, 'SIGCONT');
  }
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface ExpectedFailure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: RegExp;
}

/** Holds a failure of a command run with `--json` to the form that all have. */
export function assertFailure({ code, stdout, stderr }: Outcome, expected: ExpectedFailure): void {
  assert.equal(code, expected.exitCode, `${stdout}${stderr}`);
  const { error, ...rest } = JSON.parse(stdout) as { readonly error: Failure };
  assert.deepEqual(rest, {});
  assert.deepEqual(Object.keys(error), ['code', 'message', 'hint']);
  assert.equal(error.code, expected.code);
  assert.match(error.message, expected.message);
  assert.match(error.hint, /[a-z]{3}.*[.!?]$|^Did you mean/);
  assert.equal(stderr, `inlay: ${error.message}\n${error.hint}\n`);
}

/** What a command run with `--json` says of its success. */
export function readOutcome<Value>({ code, stdout, stderr }: Outcome): Value {
  assert.equal(code, 0, `${stdout}${stderr}`);
  return JSON.parse(stdout) as Value;
}

/** What `fill`, `remove`, `expand` and `upscale` say with `--json`. */
export interface WrittenPictures {
  readonly operation: string;
  readonly seconds: number;
  readonly files: readonly {
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly byteLength: number;
    readonly seed?: number;
    readonly request: Readonly<Record<string, unknown>>;
    readonly chosenWords?: { readonly prompt: string; readonly negativePrompt: string };
  }[];
}
