import type { ServerMessage } from '../protocol/server-message.ts';
import type { Preview } from './engine-port.ts';
import type { StoredResult } from './stored-result.ts';

export type JobMessage = Extract<ServerMessage, { readonly jobId: string; readonly type: JobMessageType }>;
export type JobMessageType =
  | 'accepted'
  | 'received'
  | 'queued'
  | 'started'
  | 'progress'
  | 'warning'
  | 'done'
  | 'failed'
  | 'cancelled';

/** Whoever follows a job now: the connection that submitted it, or the one that last resumed it. */
export interface JobListener {
  /** `done`, `failed` and `cancelled` come after the bytes of the results handed over before. */
  send(message: JobMessage): void;
  sendResult(result: StoredResult): void;
  /** Drops the preview when the client does not keep up. */
  offerPreview(jobId: string, preview: Preview): void;
}
