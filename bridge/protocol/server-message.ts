/** What the server says, as a discriminated union on `type`. */
import type {
  Bounds,
  Capabilities,
  Failure,
  ImageFormat,
  JobRequest,
  MemorySaving,
  OutputRole,
} from './messages.ts';

export type ServerMessage =
  /** The answer to a `hello` without a token that is known here: the only thing left to do is `pair`. */
  | {
      readonly type: 'unpaired';
      readonly protocol: number;
      readonly reason: 'no-token' | 'unknown-token';
    }
  | {
      readonly type: 'welcome';
      readonly protocol: number;
      readonly clientId: string;
      readonly capabilities: Capabilities;
    }
  | {
      readonly type: 'paired';
      readonly clientId: string;
      readonly token: string;
      readonly capabilities: Capabilities;
    }
  | { readonly type: 'pairing-opened'; readonly code: string; readonly expiresInMs: number }
  | { readonly type: 'capabilities'; readonly capabilities: Capabilities }
  | { readonly type: 'accepted'; readonly jobId: string }
  /**
   * So many bytes of this image have arrived, in frames 0..nextSeq-1. The client keeps at most `maxUnacknowledgedBytes`
   * beyond it in flight, and after a reconnect goes on from here.
   */
  | {
      readonly type: 'received';
      readonly jobId: string;
      readonly imageId: string;
      readonly receivedBytes: number;
      readonly nextSeq: number;
    }
  | { readonly type: 'queued'; readonly jobId: string; readonly position: number }
  | { readonly type: 'started'; readonly jobId: string }
  | {
      readonly type: 'progress';
      readonly jobId: string;
      readonly phase: string;
      readonly step: number;
      readonly steps: number;
      readonly etaMs?: number;
    }
  /** What the user should know of a job that goes on all the same. It is not told again by `resume`. */
  | { readonly type: 'warning'; readonly jobId: string; readonly message: string }
  /**
   * A result image whose bytes follow in binary frames. `request` is complete, nothing was left to chance: submitting it
   * with the same images gives this very picture again.
   */
  | {
      readonly type: 'result';
      readonly jobId: string;
      readonly imageId: string;
      readonly index: number;
      readonly role: OutputRole;
      readonly format: ImageFormat;
      readonly left: number;
      readonly top: number;
      readonly width: number;
      readonly height: number;
      readonly byteLength: number;
      readonly request: JobRequest;
      /** Of a prompt with choices: what was chosen for this picture. */
      readonly chosenWords?: { readonly prompt: string; readonly negativePrompt: string };
    }
  | { readonly type: 'done'; readonly jobId: string }
  | ({ readonly type: 'failed'; readonly jobId: string } & Failure)
  | { readonly type: 'cancelled'; readonly jobId: string }
  | {
      readonly type: 'estimated';
      readonly requestId: string;
      readonly outputWidth: number;
      readonly outputHeight: number;
      /** What of the document is computed on; of an expansion it reaches beyond the source. */
      readonly contextBounds: Bounds;
      /** The size that a diffusion model draws at; none where the job has no prompt. */
      readonly workingSize?: { readonly width: number; readonly height: number };
      /** Of a diffusion model: its calls for all pictures. */
      readonly steps: number;
      readonly durationMs: number;
      /** Most that is needed at a time, with the savings. */
      readonly memoryBytes: number;
      readonly availableBytes: number;
      readonly outcome: 'fits' | 'fits-with-savings' | 'refused';
      /** In use unless the job simply fits. */
      readonly savings: readonly MemorySaving[];
      /** Of a job that is refused: why, and what to do. */
      readonly refusal?: { readonly message: string; readonly hint: string };
    }
  | { readonly type: 'notice'; readonly message: string }
  /** A frame that could not be taken. `jobId` or `requestId` names what it was about, where that could be told. */
  | ({ readonly type: 'error'; readonly jobId?: string; readonly requestId?: string } & Failure);

export type ServerMessageType = ServerMessage['type'];
