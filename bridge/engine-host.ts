/**
 * The bridge's hold on one engine process: forks it, hands it one task at a time, and brings it back when it dies. A
 * crash of the engine (kill -9, a native abort) ends at this file: the running task fails with `engine-crashed`, the
 * process is started anew, and nobody else notices.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type {
  DeviceReport,
  EngineMessage,
  EngineOptions,
  EngineTask,
  HostMessage,
  ModelInfo,
  TaskEstimate,
} from '../engine/api.ts';
import { EngineError } from '../engine/errors.ts';
import type { EnginePort, EstimateOptions, TaskEvents } from './jobs/engine-port.ts';

/** A cancelled engine that has not answered by then is stuck in a native call, and is ended. */
const cancelGraceMs = 2_000;
/** From fork to `ready`; provider trials are within it. */
const startTimeoutMs = 90_000;
/** An engine that dies this often in a row without finishing anything is not started again until it is next needed. */
const maxConsecutiveStartFailures = 3;
/** How much of the engine's last words is kept for the error message. */
const stderrTailBytes = 4_000;

interface RunningTask {
  readonly jobId: string;
  readonly events: TaskEvents;
  readonly resolve: () => void;
  readonly reject: (error: EngineError) => void;
}

interface PendingAnswer {
  readonly resolve: (message: EngineMessage) => void;
  readonly reject: (error: EngineError) => void;
}

export interface EngineHostOptions extends EngineOptions {
  /** An engine that has worked and then had nothing to do for so long is replaced by a fresh one. */
  readonly idleUnloadMs: number;
  /** Every line the engine writes to its stderr, for the log. */
  readonly onLog?: (line: string) => void;
}

export class EngineHost implements EnginePort {
  readonly #options: EngineHostOptions;
  #child: ChildProcess | undefined;
  #starting: Promise<void> | undefined;
  #device: DeviceReport;
  #running: RunningTask | undefined;
  #stderrTail = '';
  #nextId = 1;
  #startFailures = 0;
  #closed = false;
  #idleTimer: NodeJS.Timeout | undefined;
  readonly #answers = new Map<number, PendingAnswer>();
  readonly #noticeListeners = new Set<(message: string) => void>();

  private constructor(options: EngineHostOptions) {
    this.#options = options;
    this.#device = { requested: options.device, device: 'cpu', reason: 'The engine has not started yet.' };
  }

  /** Forks an engine and waits until it is ready. Rejects with `engine-crashed` when it cannot start. */
  static async start(options: EngineHostOptions): Promise<EngineHost> {
    const host = new EngineHost(options);
    try {
      await host.#ensureStarted();
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  get device(): DeviceReport {
    return this.#device;
  }

  /** The engine's process id, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  onNotice(listener: (message: string) => void): void {
    this.#noticeListeners.add(listener);
  }

  async models(files: readonly string[] = []): Promise<readonly ModelInfo[]> {
    const answer = await this.#ask((requestId) => ({ type: 'list-models', requestId, files }));
    if (answer.type !== 'models') throw unexpected(answer);
    return answer.models;
  }

  async estimate(task: EngineTask, options: EstimateOptions = {}): Promise<TaskEstimate> {
    const answer = await this.#ask((requestId) => ({ type: 'estimate', requestId, task, ...options }));
    if (answer.type !== 'estimated') throw unexpected(answer);
    const { outcome } = answer;
    if ('code' in outcome) throw new EngineError(outcome.code, outcome.message, { hint: outcome.hint });
    return outcome;
  }

  async run(task: EngineTask, events: TaskEvents, signal: AbortSignal): Promise<void> {
    if (this.#running !== undefined) throw new EngineError('internal', 'The engine runs one task at a time.');
    if (signal.aborted) throw cancelled();
    clearTimeout(this.#idleTimer);
    const jobId = String(this.#nextId++);
    let graceTimer: NodeJS.Timeout | undefined;
    const finished = new Promise<void>((resolve, reject) => {
      this.#running = { jobId, events, resolve, reject };
    });
    // When the start below fails, that error is thrown and nobody waits for this one.
    finished.catch(() => {});
    let isSent = false;
    const onAbort = () => {
      if (!isSent) {
        // The engine is still starting: there is nothing to wait for.
        this.#settle((running) => running.reject(cancelled()));
        return;
      }
      this.#send({ type: 'cancel', jobId });
      graceTimer = setTimeout(() => this.#abandonChild(), cancelGraceMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#ensureStarted(), finished]);
      if (signal.aborted) throw cancelled();
      isSent = true;
      this.#send({ type: 'start', jobId, task });
      await finished;
    } finally {
      clearTimeout(graceTimer);
      signal.removeEventListener('abort', onAbort);
      this.#running = undefined;
      this.#waitForIdle();
    }
  }

  #waitForIdle(): void {
    clearTimeout(this.#idleTimer);
    if (!this.#closed)
      this.#idleTimer = setTimeout(() => this.#refresh(), this.#options.idleUnloadMs).unref();
  }

  /**
   * Puts a fresh process in the place of an idle one, so that an editor left open overnight does not hold the memory of
   * what was done in the evening. Unloading the models alone leaves most of it with the C library.
   */
  #refresh(): void {
    const child = this.#child;
    if (this.#running !== undefined || child === undefined) return;
    if (this.#answers.size > 0) {
      this.#waitForIdle();
      return;
    }
    this.#starting = this.#fork(this.#device);
    // A failure is kept for the next job to report.
    this.#starting.catch(() => {});
    child.kill('SIGKILL');
  }

  /** Ends an engine that no longer answers. The next task is for another one. */
  #abandonChild(): void {
    const child = this.#child;
    this.#settle((running) => running.reject(cancelled()));
    if (child === undefined) return;
    this.#onEnd(this.#crashError('no answer to a cancelled task'));
    child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    const child = this.#child;
    if (child === undefined) return;
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    child.kill('SIGKILL');
    await exited;
  }

  async #ask(request: (requestId: number) => HostMessage): Promise<EngineMessage> {
    await this.#ensureStarted();
    const requestId = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(requestId, { resolve, reject });
      this.#send(request(requestId));
    });
  }

  #send(message: HostMessage): void {
    // A send that fails means that the process is dying; its `exit` settles everything that waits.
    this.#child?.send(message, () => {});
  }

  #ensureStarted(): Promise<void> {
    if (this.#closed) return Promise.reject(new EngineError('engine-crashed', 'The engine is shut down.'));
    this.#starting ??= this.#fork();
    return this.#starting;
  }

  #fork(knownDevice?: DeviceReport): Promise<void> {
    const { onLog, idleUnloadMs: _, ...options } = this.#options;
    const engineOptions: EngineOptions = { ...options, ...(knownDevice && { knownDevice }) };
    const { file, execArgv } = engineEntry();
    const child = fork(file, [JSON.stringify(engineOptions)], {
      execArgv,
      env: engineEnvironment(process.env),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#stderrTail = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-stderrTailBytes);
      for (const line of text.split('\n')) if (line.trim() !== '') onLog?.(line);
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
      child.on('message', (message: EngineMessage) => {
        if (message.type === 'ready') {
          clearTimeout(timer);
          this.#device = message.device;
          resolve();
        }
        this.#receive(message);
      });
      const onEnd = (how: string) => {
        if (this.#child !== child) return;
        clearTimeout(timer);
        const error = this.#crashError(how);
        reject(error);
        this.#onEnd(error);
      };
      // A process that could not be spawned at all has an `error` and no `exit`.
      child.once('error', ({ message }) =>
        child.pid === undefined ? onEnd(message) : child.kill('SIGKILL'),
      );
      child.once('exit', (code, signal) => onEnd(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
  }

  #onEnd(error: EngineError): void {
    this.#child = undefined;
    this.#starting = undefined;
    this.#startFailures += 1;
    for (const { reject } of this.#answers.values()) reject(error);
    this.#answers.clear();
    this.#settle((running) => running.reject(error));
    if (!this.#closed && this.#startFailures < maxConsecutiveStartFailures) {
      // Ready again before the next job asks; a failure is kept for that job to report.
      this.#ensureStarted().catch(() => {});
    }
  }

  #receive(message: EngineMessage): void {
    switch (message.type) {
      case 'ready':
        break;
      case 'notice':
        this.#device = message.device;
        for (const listener of this.#noticeListeners) listener(message.message);
        break;
      case 'models':
      case 'estimated':
        this.#startFailures = 0;
        this.#answers.get(message.requestId)?.resolve(message);
        this.#answers.delete(message.requestId);
        break;
      default:
        // What a task that was already given up still says is of no interest.
        if (message.jobId === this.#running?.jobId) this.#receiveOfTask(message, this.#running.events);
    }
  }

  #receiveOfTask(message: Extract<EngineMessage, { jobId: string }>, events: TaskEvents): void {
    switch (message.type) {
      case 'progress':
        events.onProgress(message);
        break;
      case 'warning':
        events.onWarning(message.message);
        break;
      case 'preview':
        events.onPreview(message);
        break;
      case 'result':
        events.onResult(message);
        break;
      case 'done':
        this.#startFailures = 0;
        this.#settle(({ resolve }) => resolve());
        break;
      case 'cancelled':
        this.#settle(({ reject }) => reject(cancelled()));
        break;
      case 'failed': {
        const { code, message: text, hint } = message;
        this.#startFailures = 0;
        this.#settle(({ reject }) => reject(new EngineError(code, text, { hint })));
        break;
      }
    }
  }

  #settle(end: (running: RunningTask) => void): void {
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) end(running);
  }

  #crashError(how: string): EngineError {
    const lastLine = this.#stderrTail.trim().split('\n').at(-1) ?? '';
    return new EngineError(
      'engine-crashed',
      `The engine process ended with ${how}.${lastLine === '' ? '' : ` Its last words: ${lastLine}`}`,
    );
  }
}

function cancelled(): EngineError {
  return new EngineError('cancelled', 'The job was cancelled.');
}

function unexpected(message: EngineMessage): EngineError {
  return new EngineError('internal', `The engine answered with an unexpected "${message.type}".`);
}

/**
 * glibc keeps what is freed for itself, unloaded weights too. Told to map every large block by itself, it gives them back
 * at once, and in huge pages that costs no time: measured, a decoder of 0.2 GB left 0.02 GB behind instead of 0.15, and took a
 * third less at its peak. Other systems do not look at the variable.
 */
const mallocTunables = 'glibc.malloc.mmap_threshold=1048576:glibc.malloc.hugetlb=1';

/** What an engine's process is started with. */
export function engineEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { GLIBC_TUNABLES: mallocTunables, ...environment };
}

/** The engine's entry: the bundled file beside this code in a build, else the source with its loader. */
function engineEntry(): { readonly file: string; readonly execArgv: string[] } {
  const bundled = fileURLToPath(new URL('./engine.js', import.meta.url));
  if (existsSync(bundled)) return { file: bundled, execArgv: [] };
  const source = fileURLToPath(new URL('../engine/worker.ts', import.meta.url));
  return { file: source, execArgv: ['--import', import.meta.resolve('tsx')] };
}
