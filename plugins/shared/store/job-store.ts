/** The jobs of this page or panel as signals, whatever happens to the connection and to the page itself. */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import type { JobRequest, Operation } from '../../../bridge/protocol/messages.ts';
import { ClientError, cancelledError } from '../client/client-error.ts';
import type { ImageSource, JobPicture, JobPreview, JobProgress } from '../client/client-job.ts';
import { randomId } from '../client/random-id.ts';
import { Cancellation } from './cancellation.ts';
import type { ConnectionStore } from './connection-store.ts';

/** `preparing` until the server has taken the job in: without a connection, or while the images are made. */
export type JobState = 'preparing' | 'uploading' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** A job at one moment; the store replaces it by the next. */
export interface JobEntry {
  /** The server's id of it too; stays the same when the page is loaded again. */
  readonly id: string;
  readonly operation: Operation;
  readonly request: JobRequest;
  readonly state: JobState;
  /** How many jobs go before it, while it is queued; 0 = it is next. */
  readonly position?: number;
  readonly progress?: JobProgress;
  readonly preview?: JobPreview;
  /** Those that have arrived, in the order of arrival; sorted once it is done. */
  readonly pictures: readonly JobPicture[];
  readonly error?: ClientError;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
}

export interface JobOrder {
  readonly request: JobRequest;
  /** Asked for when the upload begins, and again where the server has lost them. */
  readonly images: ImageSource;
  /** 1 to 64 of `A–Z a–z 0–9 _ -`. */
  readonly id?: string;
  /** The job is from before this page was loaded: its results if the server has them, else it is submitted anew. */
  readonly resume?: boolean;
}

export interface JobHandle {
  readonly id: string;
  /** Rejects with a `ClientError`, which the entry has too, or which is `cancelled`. */
  readonly finished: Promise<readonly JobPicture[]>;
}

interface Execution extends Required<JobOrder> {
  readonly cancellation: Cancellation;
  readonly released: Promise<void>;
}

interface Run extends JobHandle {
  readonly cancellation: Cancellation;
  /** The results are not needed any more. */
  readonly release: () => void;
}

export class JobStore {
  readonly #connection: ConnectionStore;
  readonly #jobs = signal<readonly JobEntry[]>([]);
  /** The newest last. */
  readonly jobs: ReadonlySignal<readonly JobEntry[]> = this.#jobs;
  readonly #runs = new Map<string, Run>();
  readonly #idPrefix = randomId();
  #nextId = 1;

  constructor(connection: ConnectionStore) {
    this.#connection = connection;
  }

  /**
   * Runs a job as soon as there is a connection. The server keeps its results until `forget`, so that they are not lost
   * with a page that is loaded again before it has put them away. For an id that is here already, that job.
   */
  run({ request, images, id = `${this.#idPrefix}-${this.#nextId++}`, resume = false }: JobOrder): JobHandle {
    const known = this.#runs.get(id);
    if (known !== undefined) return known;
    const { operation } = request;
    const entry: JobEntry = {
      id,
      operation,
      request,
      state: 'preparing',
      pictures: [],
      submittedAt: Date.now(),
    };
    this.#jobs.value = [...this.#jobs.peek(), entry];
    const cancellation = new Cancellation();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const finished = this.#execute({ request, images, id, resume, cancellation, released });
    // Whoever does not ask for it sees it in the entry.
    finished.catch(() => {});
    const run: Run = { id, finished, cancellation, release };
    this.#runs.set(id, run);
    return run;
  }

  /** Of a job that has ended, or is not there, this changes nothing. */
  cancel(id: string): void {
    const entry = this.#jobs.peek().find((candidate) => candidate.id === id);
    if (entry === undefined || hasEnded(entry)) return;
    this.#update(id, { state: 'cancelled' });
    this.#runs.get(id)?.cancellation.abort();
  }

  /** Drops the job here, and its results on the server; one that has not ended is cancelled. */
  forget(id: string): void {
    this.cancel(id);
    this.#runs.get(id)?.release();
    this.#runs.delete(id);
    this.#jobs.value = this.#jobs.peek().filter((entry) => entry.id !== id);
  }

  async #execute(execution: Execution): Promise<readonly JobPicture[]> {
    const { id, cancellation } = execution;
    try {
      const cancelled = new Promise<never>((_resolve, reject) => {
        cancellation.addEventListener('abort', () => reject(cancelledError()));
      });
      const pictures = await Promise.race([this.#runOnServer(execution), cancelled]);
      this.#update(id, { state: 'done', pictures });
      return pictures;
    } catch (cause) {
      const error = toClientError(cause);
      this.#update(id, error.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', error });
      throw error;
    }
  }

  async #runOnServer(execution: Execution): Promise<readonly JobPicture[]> {
    const { request, images, id, resume, cancellation, released } = execution;
    await this.#connection.untilReady();
    const pictures = await this.#connection.client.run(request, images, {
      jobId: id,
      resume,
      signal: cancellation,
      released,
      onUploading: () => this.#replace(id, begun),
      onQueued: (position) => this.#update(id, { state: 'queued', position }),
      onStarted: () => this.#update(id, { state: 'running' }),
      onProgress: (progress) => this.#update(id, { progress }),
      onWarning: (text) => this.#connection.note(text),
      onPreview: (preview) => this.#update(id, { preview }),
      onPicture: (picture) =>
        this.#replace(id, (entry) => ({ ...entry, pictures: [...entry.pictures, picture] })),
    });
    if (pictures.length === 0) throw lostResultsError();
    return pictures;
  }

  /** Puts the next moment of a job in the place of this one. Nothing changes any more once it has ended. */
  #replace(id: string, next: (entry: JobEntry) => JobEntry): void {
    this.#jobs.value = this.#jobs
      .peek()
      .map((entry) => (entry.id === id && !hasEnded(entry) ? next(entry) : entry));
  }

  #update(id: string, change: Partial<JobEntry>): void {
    this.#replace(id, (entry) => ({ ...entry, ...change }));
  }
}

/** Whether nothing more will happen to this job. */
export function hasEnded({ state }: JobEntry): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** The upload begins, perhaps anew: what was heard of the job until then is no longer so. */
function begun({
  position: _position,
  progress: _progress,
  preview: _preview,
  ...entry
}: JobEntry): JobEntry {
  return { ...entry, state: 'uploading' };
}

/** What can be told of a job that has ended on the server when its results were fetched and dropped before. */
function lostResultsError(): ClientError {
  return new ClientError({
    code: 'result-expired',
    message: 'The results of this job are not there any more.',
    hint: 'Start the job again.',
  });
}

/** What a host's own code throws while it makes the images is shown like everything else. */
function toClientError(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  return new ClientError({
    code: 'images-failed',
    message: cause instanceof Error ? cause.message : String(cause),
    hint: 'Try again; if it happens once more, choose another picture or a smaller area.',
  });
}
