/** An engine that does what a test says, in place of the forked process: the process boundary is all that is faked. */

import type { EnginePort, EstimateOptions, TaskEvents } from '../../bridge/jobs/engine-port.ts';
import type { DeviceReport, EngineTask, ImagePayload, ModelInfo, TaskEstimate } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';

export type Script = (task: EngineTask, events: TaskEvents, signal: AbortSignal) => Promise<void>;

export const scriptedModels: readonly ModelInfo[] = [
  { name: 'patch-match', kind: 'fill', architecture: 'PatchMatch', origin: 'built-in' },
  {
    name: 'sharp-x4',
    kind: 'upscaler',
    architecture: 'RRDBNet',
    origin: 'built-in',
    scale: 4,
    fileBytes: 1_000,
  },
  {
    name: 'broken-x2',
    kind: 'upscaler',
    architecture: 'RRDBNet',
    origin: 'user',
    problem: 'The file is cut short.',
  },
];

export class ScriptedEngine implements EnginePort {
  readonly device: DeviceReport = {
    requested: 'auto',
    device: 'cpu',
    reason: 'No graphics device was found.',
  };
  readonly tasks: EngineTask[] = [];
  script: Script;
  #isRunning = false;
  readonly #listeners = new Set<(message: string) => void>();

  readonly #models: readonly ModelInfo[];

  constructor(script: Script = echo, models = scriptedModels) {
    this.script = script;
    this.#models = models;
  }

  async models(): Promise<readonly ModelInfo[]> {
    return this.#models;
  }

  async run(task: EngineTask, events: TaskEvents, signal: AbortSignal): Promise<void> {
    if (this.#isRunning) throw new Error('The engine was given two tasks at once.');
    this.#isRunning = true;
    this.tasks.push(task);
    try {
      await this.script(task, events, signal);
    } finally {
      this.#isRunning = false;
    }
  }

  async estimate(task: EngineTask, { maskBounds }: EstimateOptions = {}): Promise<TaskEstimate> {
    const { width = 0, height = 0 } = sourceOf(task);
    if (width > 5_000) throw new EngineError('out-of-memory', 'Expected a smaller picture.');
    return {
      outputWidth: width,
      outputHeight: height,
      contextBounds: maskBounds ?? { left: 0, top: 0, width, height },
      steps: 3,
      durationMs: 1_500,
      memoryBytes: 1_000_000,
      availableBytes: 2 ** 30,
      outcome: 'fits',
      savings: [],
    };
  }

  onNotice(listener: (message: string) => void): void {
    this.#listeners.add(listener);
  }

  notice(message: string): void {
    for (const listener of this.#listeners) listener(message);
  }

  async close(): Promise<void> {}
}

/** The picture that a task is to change. */
export function sourceOf(task: EngineTask): ImagePayload {
  if (task.operation === 'generate')
    throw new Error('Expected a task with a picture, received one from words.');
  return task.source;
}

/** Gives the source back, `count` times. */
export const echo: Script = async (task, { onProgress, onResult }) => {
  const { format, width = 0, height = 0, bytes } = sourceOf(task);
  const { count = 1, seed = 0 } = task as { count?: number; seed?: number };
  onProgress({ phase: 'filling', step: 1, steps: 2 });
  for (let index = 0; index < count; index++) {
    const bounds = { left: 0, top: 0, width, height };
    onResult({ index, role: 'picture', seed: seed + index, format, bounds, content: { bytes } });
  }
  onProgress({ phase: 'encoding', step: 2, steps: 2, etaMs: 0 });
};

export function cancelledError(): EngineError {
  return new EngineError('cancelled', 'The job was cancelled.');
}

/** Settles when the test says so, or with `cancelled` when the job is. */
export class Gate {
  #open!: () => void;
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  open(): void {
    this.#open();
  }

  async pass(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) reject(cancelledError());
      signal.addEventListener('abort', () => reject(cancelledError()), { once: true });
      void this.opened.then(resolve);
    });
  }
}
