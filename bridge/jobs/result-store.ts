/**
 * Results that their clients have not acknowledged yet, in memory or as files of the spool folder. Bounded: when there
 * is too much, the results of the job that ended first go first. Those of a job that has not ended always stay.
 */
import { rm } from 'node:fs/promises';
import type { ResultPicture } from '../../engine/api.ts';
import type { Job } from './job.ts';
import type { StoredResult } from './stored-result.ts';

interface JobResults {
  readonly pictures: Map<string, StoredResult>;
  byteLength: number;
}

export interface ResultStoreOptions {
  readonly maxStoredResultBytes: number;
  /** Told after the results of a job had to go unacknowledged. */
  readonly onDropped: (job: Job) => void;
}

export class ResultStore {
  readonly #maxBytes: number;
  readonly #onDropped: (job: Job) => void;
  readonly #results = new Map<Job, JobResults>();
  #byteLength = 0;

  constructor({ maxStoredResultBytes, onDropped }: ResultStoreOptions) {
    this.#maxBytes = maxStoredResultBytes;
    this.#onDropped = onDropped;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  add(job: Job, result: StoredResult): void {
    const results = this.#results.get(job) ?? { pictures: new Map(), byteLength: 0 };
    this.#results.set(job, results);
    results.pictures.set(result.message.imageId, result);
    results.byteLength += result.message.byteLength;
    this.#byteLength += result.message.byteLength;
    for (const other of [...this.#results.keys()]) {
      if (this.#byteLength <= this.#maxBytes) return;
      if (other.hasEnded) {
        this.removeAll(other);
        this.#onDropped(other);
      }
    }
  }

  /** To be called when the job has ended: puts its results in the order in which they go. */
  settle(job: Job): void {
    const results = this.#results.get(job);
    if (results === undefined) return;
    this.#results.delete(job);
    this.#results.set(job, results);
  }

  of(job: Job): readonly StoredResult[] {
    return [...(this.#results.get(job)?.pictures.values() ?? [])];
  }

  /** False when there is no such picture. */
  remove(job: Job, imageId: string): boolean {
    const results = this.#results.get(job);
    const result = results?.pictures.get(imageId);
    if (results === undefined || result === undefined) return false;
    results.pictures.delete(imageId);
    results.byteLength -= result.message.byteLength;
    this.#byteLength -= result.message.byteLength;
    if (results.pictures.size === 0) this.#results.delete(job);
    deleteFile(result.content);
    return true;
  }

  removeAll(job: Job): void {
    for (const { message } of this.of(job)) this.remove(job, message.imageId);
  }

  clear(): void {
    for (const job of [...this.#results.keys()]) this.removeAll(job);
  }
}

/** Gives a result's file back; whoever is still reading it on Windows keeps it until the next start clears the spool. */
export function deleteFile(content: ResultPicture['content']): void {
  if ('file' in content) rm(content.file, { force: true }).catch(() => {});
}
