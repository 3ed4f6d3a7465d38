/**
 * Orders on their way: the editor's pixels are taken, jobs are run, and what comes of them is put into the document. One
 * order may be given while others run. Nothing that has arrived is lost: not when the editor cannot take it, not when the
 * panel is loaded again.
 */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import { ClientError } from '../client/client-error.ts';
import type { JobImage, JobPicture } from '../client/client-job.ts';
import { randomId } from '../client/random-id.ts';
import { arrivedPictures } from '../store/arrived-pictures.ts';
import type { JobEntry, JobStore } from '../store/job-store.ts';
import type { EditorHost, Insertion, Order } from './editor-host.ts';
import type { PendingOrder, PendingOrders } from './pending-orders.ts';

/** `uninserted`: the editor could not take the pictures, which are still here. */
export type OrderState = 'capturing' | 'running' | 'inserting' | 'uninserted' | 'failed';

/** An order at one moment; the store replaces it by the next, and takes it out when it is over. */
export interface OrderEntry {
  readonly id: string;
  readonly order: Order;
  readonly state: OrderState;
  readonly documentName?: string | undefined;
  /** Of the job store; none before the pixels are taken. */
  readonly jobIds: readonly string[];
  readonly error?: ClientError;
}

interface Run {
  readonly pending: PendingOrder;
  /** Of each job; nothing after the panel was loaded again. */
  readonly images?: readonly (readonly JobImage[])[];
}

export interface FinishedOrder {
  readonly insertion: Insertion;
  readonly documentName?: string | undefined;
  /** What the editor wants to be said of the insertion. */
  readonly note?: string | undefined;
  /** Why not all of it has come. */
  readonly error?: ClientError | undefined;
}

export interface OrderStoreParts {
  readonly host: EditorHost;
  readonly jobs: JobStore;
  readonly pendingOrders: PendingOrders;
  readonly onFinished: (finished: FinishedOrder) => void;
}

export class OrderStore {
  readonly #host: EditorHost;
  readonly #jobs: JobStore;
  readonly #pendingOrders: PendingOrders;
  readonly #onFinished: (finished: FinishedOrder) => void;
  readonly #orders = signal<readonly OrderEntry[]>([]);
  /** The newest last. */
  readonly orders: ReadonlySignal<readonly OrderEntry[]> = this.#orders;
  readonly #runs = new Map<string, Run>();
  readonly #idPrefix = randomId();
  #nextId = 1;
  #isClosed = false;
  /** The editor does one thing at a time. */
  #hostTurn: Promise<unknown> = Promise.resolve();

  constructor({ host, jobs, pendingOrders, onFinished }: OrderStoreParts) {
    this.#host = host;
    this.#jobs = jobs;
    this.#pendingOrders = pendingOrders;
    this.#onFinished = onFinished;
  }

  /** Takes the pixels as they are now, and goes on from there. Settles when it is over or needs the user; never rejects. */
  async run(order: Order): Promise<void> {
    const id = `${this.#idPrefix}-${this.#nextId++}`;
    const { documentName } = this.#host.target.peek();
    this.#orders.value = [
      ...this.#orders.peek(),
      { id, order, state: 'capturing', documentName, jobIds: [] },
    ];
    await this.#capture(id, { order, documentName });
  }

  /** Goes on with the orders of an earlier load of the panel. Settles when they are known: before the first new one. */
  async resume(): Promise<void> {
    const pendings = await this.#pendingOrders.restore();
    this.#orders.value = pendings.map(({ id, order, jobs, documentName }) => {
      return { id, order, state: 'running', documentName, jobIds: jobs.map((job) => job.id) };
    });
    for (const pending of pendings) {
      this.#runs.set(pending.id, { pending });
      void this.#follow(pending.id);
    }
  }

  /** The panel goes: what is not over is left to its next load. */
  close(): void {
    this.#isClosed = true;
  }

  /** Gives up the order, with all that has come of it. */
  discard(id: string): void {
    const entry = this.#find(id);
    if (entry === undefined || entry.state === 'inserting') return;
    this.#drop(id);
  }

  /** Gives up what has not arrived yet; what has is put into the document. */
  stop(id: string): void {
    for (const jobId of this.#find(id)?.jobIds ?? []) this.#jobs.cancel(jobId);
  }

  /** Of an order that has failed: with the same pixels where they are still there, else with those that are there now. */
  async retry(id: string): Promise<void> {
    const entry = this.#find(id);
    if (entry?.state !== 'failed') return;
    const { order, documentName } = entry;
    const run = this.#runs.get(id);
    for (const jobId of entry.jobIds) this.#jobs.forget(jobId);
    this.#update(id, { state: 'capturing', jobIds: [], error: undefined });
    if (run?.images === undefined) await this.#capture(id, { order, documentName });
    else await this.#start(id, { ...run, images: run.images });
  }

  /** Of an order whose pictures the editor could not take. */
  async insertAgain(id: string): Promise<void> {
    if (this.#find(id)?.state === 'uninserted') await this.#insert(id);
  }

  /** What has arrived of an order so far. */
  arrived({ jobIds }: Pick<OrderEntry, 'jobIds'>): readonly (readonly JobPicture[])[] {
    return jobIds.map((id) => arrivedPictures(this.#job(id) ?? nothing));
  }

  async #capture(
    id: string,
    { order, documentName }: Pick<OrderEntry, 'order' | 'documentName'>,
  ): Promise<void> {
    try {
      const { place, tasks } = await this.inTurn(() => this.#host.capture(order));
      const jobs = tasks.map(({ request }) => ({ id: '', request }));
      const pending = { id, order, place, jobs, documentName, createdAt: Date.now() };
      await this.#start(id, { pending, images: tasks.map(({ images }) => images) });
    } catch (error) {
      this.#fail(id, toClientError(error, 'Try again; if it happens once more, choose a smaller area.'));
    }
  }

  /** Gives the jobs names of their own, notes them, and runs them. */
  async #start(id: string, { pending, images }: Required<Run>): Promise<void> {
    // Given up meanwhile.
    if (this.#find(id) === undefined || this.#isClosed) return;
    const jobs = pending.jobs.map(({ request }) => ({ id: `${this.#idPrefix}-${this.#nextId++}`, request }));
    const run: Run = { pending: { ...pending, jobs }, images };
    this.#runs.set(id, run);
    this.#update(id, { state: 'running', jobIds: jobs.map((job) => job.id) });
    void this.#pendingOrders.add(run.pending);
    await this.#follow(id);
  }

  async #follow(id: string): Promise<void> {
    const { pending, images } = this.#runs.get(id)!;
    const handles = pending.jobs.map((job, index) =>
      this.#jobs.run({
        id: job.id,
        request: job.request,
        images: () =>
          images === undefined ? Promise.reject(lostPixelsError()) : Promise.resolve(images[index]!),
        resume: images === undefined,
      }),
    );
    const outcomes = await Promise.allSettled(handles.map(({ finished }) => finished));
    const entry = this.#find(id);
    if (entry === undefined || this.#isClosed) return;
    const error = outcomes.map(failureOf).find((failure) => failure !== undefined);
    if (this.arrived(entry).flat().length > 0) await this.#insert(id, error);
    else if (error !== undefined) this.#fail(id, error);
    else this.#drop(id);
  }

  async #insert(id: string, error?: ClientError): Promise<void> {
    const { order, documentName, jobIds } = this.#find(id)!;
    const { place, createdAt } = this.#runs.get(id)!.pending;
    this.#update(id, { state: 'inserting', error: undefined });
    const insertion: Insertion = { order, place, results: this.arrived({ jobIds }), createdAt };
    try {
      const { note } = await this.inTurn(() => this.#host.insert(insertion));
      this.#drop(id);
      this.#onFinished({ insertion, documentName, note, error });
    } catch (cause) {
      this.#update(id, { state: 'uninserted', error: toClientError(cause, 'Try again in a moment.') });
    }
  }

  /** One at a time, whatever came of the one before: what asks the editor for something. */
  inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const turn = this.#hostTurn.then(action);
    this.#hostTurn = turn.catch(() => {});
    return turn;
  }

  #fail(id: string, error: ClientError): void {
    this.#update(id, { state: 'failed', error });
    void this.#pendingOrders.remove(id);
  }

  #drop(id: string): void {
    const entry = this.#find(id);
    this.#orders.value = this.#orders.peek().filter((other) => other.id !== id);
    this.#runs.delete(id);
    for (const jobId of entry?.jobIds ?? []) this.#jobs.forget(jobId);
    void this.#pendingOrders.remove(id);
  }

  #find(id: string): OrderEntry | undefined {
    return this.#orders.peek().find((entry) => entry.id === id);
  }

  #job(id: string): JobEntry | undefined {
    return this.#jobs.jobs.value.find((job) => job.id === id);
  }

  #update(
    id: string,
    { error, ...change }: Partial<Omit<OrderEntry, 'error'>> & { readonly error?: ClientError | undefined },
  ): void {
    this.#orders.value = this.#orders.peek().map((entry) => {
      if (entry.id !== id) return entry;
      const { error: _, ...others } = entry;
      return { ...others, ...change, ...(error !== undefined && { error }) };
    });
  }
}

const nothing: Pick<JobEntry, 'pictures' | 'request'> = { pictures: [], request: { operation: 'fill' } };

function failureOf(outcome: PromiseSettledResult<unknown>): ClientError | undefined {
  if (outcome.status === 'fulfilled') return undefined;
  const error = toClientError(outcome.reason, 'Try again.');
  return error.code === 'cancelled' ? undefined : error;
}

/** What an editor throws is shown like everything else. */
function toClientError(cause: unknown, hint: string): ClientError {
  if (cause instanceof ClientError) return cause;
  return new ClientError({
    code: 'editor-failed',
    message: cause instanceof Error ? cause.message : String(cause),
    hint,
  });
}

function lostPixelsError(): ClientError {
  return new ClientError({
    code: 'images-lost',
    message: 'The panel was closed before the picture had been sent.',
    hint: 'Run it again.',
  });
}
