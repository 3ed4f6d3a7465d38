/** The real engine, of which nothing more is heard in the middle of a job until the test wants it: so a job neither ends before something happens to it nor is waited for. */

import type { EnginePort, EstimateOptions, TaskEvents } from '../../bridge/jobs/engine-port.ts';
import type { EngineTask, ModelInfo, ResultPicture, TaskEstimate } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';

interface Hold {
  readonly released: Promise<void>;
  readonly release: () => void;
}

export class PatientEngine implements EnginePort {
  readonly #engine: EnginePort;
  /** Of the next task that is run. */
  #hold: Hold | undefined;

  constructor(engine: EnginePort) {
    this.#engine = engine;
  }

  /** The next task is heard of up to the first step that it draws, and then, unless it is cancelled, not before the function returned is called. */
  holdNext(): () => void {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#hold = { released, release };
    return release;
  }

  async run(task: EngineTask, events: TaskEvents, signal: AbortSignal): Promise<void> {
    const hold = this.#hold;
    this.#hold = undefined;
    if (hold === undefined) return this.#engine.run(task, events, signal);
    /** What is to be told later; nothing before the first step and after the release. */
    let keptBack: (() => void)[] | undefined;
    let isReleased = false;
    const tell = (event: () => void) => {
      if (keptBack === undefined) event();
      else keptBack.push(event);
    };
    const heard = hold.released.then(() => {
      isReleased = true;
      for (const event of keptBack ?? []) event();
      keptBack = undefined;
    });
    const cancelled = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await this.#engine.run(
        task,
        {
          onProgress: (progress) => {
            tell(() => events.onProgress(progress));
            if (progress.phase === 'denoising' && !isReleased) keptBack ??= [];
          },
          onPreview: (preview) => tell(() => events.onPreview(preview)),
          onWarning: (message) => tell(() => events.onWarning(message)),
          onResult: (result: ResultPicture) => tell(() => events.onResult(result)),
        },
        signal,
      );
    } finally {
      await Promise.race([heard, cancelled]);
    }
    // It may have been over already, which nobody had heard.
    if (signal.aborted) throw new EngineError('cancelled', 'The job was cancelled.');
  }

  get device() {
    return this.#engine.device;
  }

  models(files?: readonly string[]): Promise<readonly ModelInfo[]> {
    return this.#engine.models(files);
  }

  estimate(task: EngineTask, options?: EstimateOptions): Promise<TaskEstimate> {
    return this.#engine.estimate(task, options);
  }

  onNotice(listener: (message: string) => void): void {
    this.#engine.onNotice(listener);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
