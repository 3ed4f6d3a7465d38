/** Gives the engine one job after the other. A job whose engine crashed is tried once more. */
import type { Progress, ResultPicture } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import { toFailure } from '../errors.ts';
import type { Failure } from '../protocol/messages.ts';
import type { EnginePort, Preview } from './engine-port.ts';
import type { Job } from './job.ts';
import type { JobQueue } from './job-queue.ts';
import { toEngineTask } from './resolve-request.ts';

export const maxAttempts = 2;

export type JobEnd =
  | { readonly state: 'done' }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface RunnerEvents {
  readonly onStarted: (job: Job) => void;
  readonly onProgress: (job: Job, progress: Progress) => void;
  readonly onPreview: (job: Job, preview: Preview) => void;
  readonly onWarning: (job: Job, message: string) => void;
  /** A second attempt gives the pictures of the first one again. */
  readonly onResult: (job: Job, picture: ResultPicture) => void;
  readonly onEnded: (job: Job, end: JobEnd) => void;
}

export class JobRunner {
  readonly #queue: JobQueue<Job>;
  readonly #engine: EnginePort;
  readonly #events: RunnerEvents;
  readonly #closing = new AbortController();
  #running: Job | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(queue: JobQueue<Job>, engine: EnginePort, events: RunnerEvents) {
    this.#queue = queue;
    this.#engine = engine;
    this.#events = events;
  }

  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  start(): void {
    this.#loop = this.#runAll();
  }

  /** Cancels the running job and waits for its end. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#running?.cancellation.abort();
    await this.#loop;
  }

  async #runAll(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const job = await this.#queue.take(signal).catch((error: unknown) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      if (job === undefined) return;
      this.#running = job;
      this.#events.onStarted(job);
      const end = await this.#run(job);
      this.#running = undefined;
      this.#events.onEnded(job, end);
    }
  }

  async #run(job: Job): Promise<JobEnd> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#attempt(job);
        return { state: 'done' };
      } catch (error) {
        const code = error instanceof EngineError ? error.code : undefined;
        if (code === 'cancelled' || job.cancellation.signal.aborted) return { state: 'cancelled' };
        if (code !== 'engine-crashed' || attempt === maxAttempts)
          return { state: 'failed', failure: toFailure(error) };
      }
    }
  }

  #attempt(job: Job): Promise<void> {
    const { request, images, upload, cancellation } = job;
    if (upload === undefined) throw new Error('A job keeps its pictures until it has ended.');
    const task = toEngineTask(request, images, ({ imageId }) => upload.bytesOf(imageId));
    return this.#engine.run(
      task,
      {
        onProgress: (progress) => this.#events.onProgress(job, progress),
        onPreview: (preview) => this.#events.onPreview(job, preview),
        onWarning: (message) => this.#events.onWarning(job, message),
        onResult: (picture) => this.#events.onResult(job, picture),
      },
      cancellation.signal,
    );
  }
}
