/**
 * All jobs of all clients: takes them in, follows them, and tells whoever listens. A job belongs to the client that
 * submitted it; to everybody else it does not exist. A client that goes away loses nothing: its jobs go on, and what
 * it missed is told again when it resumes them.
 */
import type { Progress, ResultPicture, TaskEstimate } from '../../engine/api.ts';
import { BridgeError, toFailure } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ChunkHeader } from '../protocol/frame.ts';
import type { ServerLimits } from '../protocol/limits.ts';
import type { ClientMessage, Failure } from '../protocol/messages.ts';
import type { CapabilityList } from './capabilities.ts';
import { checkImages, checkOutlines } from './check-images.ts';
import type { EnginePort } from './engine-port.ts';
import { FairQueue } from './fair-queue.ts';
import { Job } from './job.ts';
import type { JobListener, JobMessage } from './job-listener.ts';
import type { JobQueue } from './job-queue.ts';
import { type JobEnd, JobRunner } from './job-runner.ts';
import { requestOfPicture, resolveRequest, toEngineTask } from './resolve-request.ts';
import { deleteFile, ResultStore } from './result-store.ts';
import type { ResultMessage } from './stored-result.ts';
import { Upload, type UploadProgress } from './upload.ts';

export type SubmitMessage = Extract<ClientMessage, { readonly type: 'submit' }>;
export type EstimateMessage = Extract<ClientMessage, { readonly type: 'estimate' }>;

export interface JobDeskOptions {
  readonly engine: EnginePort;
  readonly capabilities: CapabilityList;
  readonly limits: ServerLimits;
  readonly log: Log;
}

/** `received` is sent so often while one window of bytes arrives: seldom enough to cost nothing, and none waits for it. */
const receiptsPerWindow = 4;

/** A client's jobs by their ids. */
type ClientJobs = Map<string, Job>;

export class JobDesk {
  readonly #engine: EnginePort;
  readonly #capabilities: CapabilityList;
  readonly #limits: ServerLimits;
  readonly #log: Log;
  readonly #queue: JobQueue<Job>;
  readonly #results: ResultStore;
  readonly #runner: JobRunner;
  readonly #jobs = new Map<string, ClientJobs>();
  /** Ends an upload that stands still, or forgets a job that has ended. */
  readonly #timers = new Map<Job, NodeJS.Timeout>();
  /** Ended jobs, the one that ended first first. */
  readonly #ended = new Set<Job>();
  #heldUploadBytes = 0;

  constructor({ engine, capabilities, limits, log }: JobDeskOptions) {
    this.#engine = engine;
    this.#capabilities = capabilities;
    this.#limits = limits;
    this.#log = log;
    this.#queue = new FairQueue<Job>(limits);
    this.#results = new ResultStore({
      maxStoredResultBytes: limits.maxStoredResultBytes,
      onDropped: (job) => {
        job.hasLostResults = true;
      },
    });
    this.#runner = new JobRunner(this.#queue, engine, {
      onStarted: (job) => this.#onStarted(job),
      onProgress: (job, progress) => this.#onProgress(job, progress),
      onPreview: (job, preview) => {
        const bounds = job.inDocument(preview.bounds);
        job.listener?.offerPreview(job.id, { ...preview, bounds });
      },
      onWarning: (job, message) => job.listener?.send({ type: 'warning', jobId: job.id, message }),
      onResult: (job, picture) => this.#onResult(job, picture),
      onEnded: (job, end) => this.#end(job, end),
    });
    this.#runner.start();
  }

  /**
   * Takes a job in and answers `accepted`, or `failed` when what it asks for cannot be. Throws `duplicate-job` when the
   * client has used this id, so that the job which has it is not taken for the failed one.
   */
  submit(clientId: string, message: SubmitMessage, listener: JobListener): void {
    const { jobId, images } = message;
    const own = this.#jobs.get(clientId) ?? new Map<string, Job>();
    if (own.has(jobId)) {
      throw new BridgeError('duplicate-job', `Expected an id that no job has, received "${jobId}".`);
    }
    try {
      checkImages(message.request, images, this.#limits);
      const { models, styles } = this.#capabilities;
      const request = resolveRequest(message.request, images, { models, styles, limits: this.#limits });
      this.#checkRoom(
        own,
        images.reduce((total, image) => total + image.byteLength, 0),
      );
      const upload = new Upload(images, {
        tellEveryBytes: this.#limits.maxUnacknowledgedBytes / receiptsPerWindow,
      });
      const job = new Job({ id: jobId, clientId, request, images, upload, listener });
      this.#heldUploadBytes += upload.byteLength;
      this.#jobs.set(clientId, own.set(jobId, job));
      this.#expectChunk(job);
      listener.send({ type: 'accepted', jobId });
      if (upload.isComplete) this.#enqueue(job);
    } catch (error) {
      listener.send({ type: 'failed', jobId, ...this.#failureOf(error) });
    }
  }

  /** Takes a chunk of an upload. When the upload is over, whatever was still on its way is dropped. */
  chunk(clientId: string, header: ChunkHeader, bytes: Uint8Array): void {
    const job = this.#find(clientId, header.jobId);
    const { upload } = job;
    if (upload === undefined || job.state !== 'uploading') return;
    try {
      const progress = upload.accept(header, bytes);
      if (progress.isToBeTold) this.#tellReceived(job, progress);
    } catch (error) {
      if (error instanceof BridgeError && error.code === 'unknown-image') throw error;
      this.#end(job, { state: 'failed', failure: this.#failureOf(error) });
      return;
    }
    if (!upload.isComplete) {
      this.#timers.get(job)?.refresh();
      return;
    }
    this.#enqueue(job);
  }

  /** Throws `unknown-job`. Cancelling a job that has ended changes nothing. */
  cancel(clientId: string, jobId: string): void {
    this.#cancel(this.#find(clientId, jobId));
  }

  /** Throws `unknown-job`. A picture that is not there was acknowledged before. */
  acknowledge(clientId: string, jobId: string, imageId: string): void {
    this.#results.remove(this.#find(clientId, jobId), imageId);
  }

  /** Tells all there is to know of the job to `listener`, who follows it from now on. Throws `unknown-job`. */
  resume(clientId: string, jobId: string, listener: JobListener): void {
    const job = this.#find(clientId, jobId);
    job.listener = listener;
    this.#tellState(job, listener);
  }

  /** The client's jobs that have not ended, or whose results it has not acknowledged. */
  unfinishedJobs(clientId: string): readonly string[] {
    const own = [...(this.#jobs.get(clientId)?.values() ?? [])];
    return own
      .filter((job) => !job.hasEnded || job.hasLostResults || this.#results.of(job).length > 0)
      .map(({ id }) => id);
  }

  /** Throws when the request asks for what cannot be. */
  async estimate({ request, images }: EstimateMessage): Promise<TaskEstimate> {
    const { models, styles } = this.#capabilities;
    checkOutlines(request, images, this.#limits);
    const resolved = resolveRequest(request, images, { models, styles, limits: this.#limits });
    const task = toEngineTask(resolved, images, () => new Uint8Array());
    // Where pictures are in the document is the client's affair and ours; the engine knows its source alone.
    const { left = 0, top = 0 } = images.find(({ role }) => role === 'source') ?? {};
    const bounds = images.find(({ role }) => role === 'mask')?.maskBounds;
    const estimate = await this.#engine.estimate(
      task,
      bounds && { maskBounds: { ...bounds, left: bounds.left - left, top: bounds.top - top } },
    );
    const { contextBounds: context } = estimate;
    return { ...estimate, contextBounds: { ...context, left: context.left + left, top: context.top + top } };
  }

  /** Its connection is gone: its jobs go on unheard. */
  detach(listener: JobListener): void {
    for (const own of this.#jobs.values()) {
      for (const job of own.values()) if (job.listener === listener) job.listener = undefined;
    }
  }

  /** Its token was revoked: cancels and forgets all its jobs. */
  removeClient(clientId: string): void {
    for (const job of this.#jobs.get(clientId)?.values() ?? []) {
      job.listener = undefined;
      this.#cancel(job);
      this.#results.removeAll(job);
    }
  }

  /** Cancels the running job, waits for its end, and drops everything. */
  async close(): Promise<void> {
    await this.#runner.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#results.clear();
  }

  /** All of the job's images are there. */
  #enqueue(job: Job): void {
    this.#clearTimer(job);
    try {
      this.#queue.add(job);
      job.transition('queued');
      this.#tellPositions();
    } catch (error) {
      this.#end(job, { state: 'failed', failure: this.#failureOf(error) });
    }
  }

  #find(clientId: string, jobId: string): Job {
    const job = this.#jobs.get(clientId)?.get(jobId);
    if (job === undefined)
      throw new BridgeError('unknown-job', `Expected one of your jobs, received "${jobId}".`);
    return job;
  }

  #checkRoom(own: ClientJobs, byteLength: number): void {
    const { maxUploadingJobsPerClient, maxHeldUploadBytes } = this.#limits;
    const uploading = [...own.values()].filter(({ state }) => state === 'uploading').length;
    if (uploading >= maxUploadingJobsPerClient) {
      throw new BridgeError(
        'too-many-jobs',
        `Expected ${maxUploadingJobsPerClient} uploads at once at most, received one more.`,
      );
    }
    if (this.#heldUploadBytes + byteLength > maxHeldUploadBytes) {
      throw new BridgeError(
        'too-many-jobs',
        `Expected ${maxHeldUploadBytes} bytes of waiting images at most, received ${byteLength} beyond ${this.#heldUploadBytes}.`,
      );
    }
  }

  #expectChunk(job: Job): void {
    const { uploadTimeoutMs } = this.#limits;
    this.#setTimer(job, uploadTimeoutMs, () => {
      const message = `Expected the rest of the images within ${uploadTimeoutMs} ms, received nothing.`;
      this.#end(job, { state: 'failed', failure: toFailure(new BridgeError('upload-timeout', message)) });
    });
  }

  #cancel(job: Job): void {
    if (job.state === 'running') job.cancellation.abort();
    else if (!job.hasEnded) this.#end(job, { state: 'cancelled' });
  }

  #onStarted(job: Job): void {
    job.transition('running');
    job.listener?.send({ type: 'started', jobId: job.id });
    this.#tellPositions();
  }

  #onProgress(job: Job, { phase, step, steps, etaMs }: Progress): void {
    job.progress = { phase, step, steps, ...(etaMs !== undefined && { etaMs }) };
    job.listener?.send({ type: 'progress', jobId: job.id, ...job.progress });
  }

  #onResult(job: Job, picture: ResultPicture): void {
    const { index, role, seed, format, bounds, content, chosenWords } = picture;
    const { left, top, width, height } = job.inDocument(bounds);
    const imageId = `${role}-${index}`;
    if (job.resultIds.has(imageId)) {
      // From the attempt before a crash, which gave the same picture.
      deleteFile(content);
      return;
    }
    job.resultIds.add(imageId);
    const byteLength = 'file' in content ? content.byteLength : content.bytes.byteLength;
    const message: ResultMessage = {
      type: 'result',
      jobId: job.id,
      imageId,
      index,
      role,
      format,
      left,
      top,
      width,
      height,
      byteLength,
      request: requestOfPicture(job.request, seed),
      ...(chosenWords !== undefined && { chosenWords }),
    };
    const result = { message, content };
    this.#results.add(job, result);
    job.listener?.sendResult(result);
  }

  #end(job: Job, end: JobEnd): void {
    this.#clearTimer(job);
    this.#heldUploadBytes -= job.upload?.byteLength ?? 0;
    const wasQueued = this.#queue.remove(job);
    job.transition(end.state);
    if (end.state === 'failed') {
      job.failure = end.failure;
      this.#log.warn({ jobId: job.id, code: end.failure.code, reason: end.failure.message }, 'job failed');
    }
    // Of a cancelled job nothing is wanted any more; the finished pictures of a failed one may well be.
    if (end.state === 'cancelled') this.#results.removeAll(job);
    this.#results.settle(job);
    if (job.listener !== undefined) job.listener.send(endMessage(job));
    this.#remember(job);
    // After the running job, positions are told when the next one starts, which is at once.
    if (wasQueued) this.#tellPositions();
  }

  #remember(job: Job): void {
    this.#ended.add(job);
    const [oldest] = this.#ended;
    if (this.#ended.size > this.#limits.maxRememberedJobs && oldest !== undefined) this.#forget(oldest);
    this.#setTimer(job, this.#limits.resultLifetimeMs, () => this.#forget(job));
  }

  #forget(job: Job): void {
    this.#clearTimer(job);
    this.#results.removeAll(job);
    this.#ended.delete(job);
    const own = this.#jobs.get(job.clientId);
    own?.delete(job.id);
    if (own?.size === 0) this.#jobs.delete(job.clientId);
  }

  #tellReceived({ id: jobId, listener }: Job, { imageId, receivedBytes, nextSeq }: UploadProgress): void {
    listener?.send({ type: 'received', jobId, imageId, receivedBytes, nextSeq });
  }

  /** How many jobs go before each waiting one, the running one included. Told only when it has changed. */
  #tellPositions(): void {
    const ahead = this.#runner.isBusy ? 1 : 0;
    for (const [index, job] of this.#queue.inOrder().entries()) {
      const position = index + ahead;
      if (job.position === position) continue;
      job.position = position;
      job.listener?.send({ type: 'queued', jobId: job.id, position });
    }
  }

  #tellState(job: Job, listener: JobListener): void {
    const { id: jobId, state, upload, position = 0, progress } = job;
    if (state === 'uploading') {
      // `accepted` last: with it the client starts to send, and must know by then from where.
      for (const progress of upload?.tellAll() ?? []) this.#tellReceived(job, progress);
      listener.send({ type: 'accepted', jobId });
      return;
    }
    if (state === 'queued') {
      listener.send({ type: 'queued', jobId, position });
      return;
    }
    if (state === 'running') {
      listener.send({ type: 'started', jobId });
      if (progress !== undefined) listener.send({ type: 'progress', jobId, ...progress });
    }
    for (const result of this.#results.of(job)) listener.sendResult(result);
    if (job.hasEnded) listener.send(endMessage(job));
  }

  #failureOf(error: unknown): Failure {
    const failure = toFailure(error);
    if (failure.code === 'internal') this.#log.error({ err: error }, 'defect while taking a job in');
    return failure;
  }

  #setTimer(job: Job, timeoutMs: number, onTime: () => void): void {
    this.#clearTimer(job);
    this.#timers.set(job, setTimeout(onTime, timeoutMs).unref());
  }

  #clearTimer(job: Job): void {
    clearTimeout(this.#timers.get(job));
    this.#timers.delete(job);
  }
}

function endMessage({ id: jobId, state, failure, hasLostResults }: Job): JobMessage {
  if (hasLostResults) {
    const message = 'The results were dropped before they were acknowledged.';
    return { type: 'failed', jobId, ...toFailure(new BridgeError('result-expired', message)) };
  }
  if (failure !== undefined) return { type: 'failed', jobId, ...failure };
  return { type: state === 'cancelled' ? 'cancelled' : 'done', jobId };
}
