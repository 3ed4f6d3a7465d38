/**
 * The job whose result the document waits for. The document does not change meanwhile, so this and the document say all
 * about it: after a reload its pictures can be sent again, and its result finds its place.
 */
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import { operationNames } from '../../shared/store/operation-names.ts';

export interface JobTask {
  readonly request: JobRequest;
  /** The layer that the pictures are further variations of; without it they become a layer of their own. */
  readonly layerId?: string;
}

export interface PendingJob extends JobTask {
  readonly id: string;
}

/** What was kept by `JSON.stringify`; nothing for what is no pending job, e.g. of another version of the page. */
export function parsePendingJob(text: string): PendingJob | undefined {
  try {
    const job = JSON.parse(text) as Partial<PendingJob> | null;
    const operation = job?.request?.operation;
    const isJob = typeof job?.id === 'string' && operation !== undefined && operation in operationNames;
    return isJob ? (job as PendingJob) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
