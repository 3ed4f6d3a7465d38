/** One job as its client sees it, across as many connections as it takes. */
import type { ChunkHeader, Frame, PreviewHeader } from '../../../bridge/protocol/frame.ts';
import type {
  ClientMessage,
  Failure,
  ImageFormat,
  ImageOutline,
  InputImage,
  JobRequest,
  OutputRole,
  ServerMessage,
} from '../../../bridge/protocol/messages.ts';
import { ClientError, cancelledError } from './client-error.ts';
import type { Session } from './session.ts';
import type { CancelSignal } from './socket.ts';
import { DownloadAssembler, type TransferLimits, UploadSender } from './transfer.ts';

export interface JobImage extends ImageOutline {
  readonly bytes: Uint8Array;
}

export interface JobPicture {
  readonly index: number;
  readonly role: OutputRole;
  readonly format: ImageFormat;
  /** Where it belongs, in pixels of the source (of the result, for an operation that changes the size). */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Complete: with the same images it gives this very picture again. */
  readonly request: JobRequest;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type JobProgress = Pick<
  Extract<ServerMessage, { type: 'progress' }>,
  'phase' | 'step' | 'steps' | 'etaMs'
>;

export interface JobPreview extends Omit<PreviewHeader, 'kind' | 'jobId'> {
  readonly bytes: Uint8Array;
}

export interface RunOptions {
  /** How many jobs go before this one; 0 = it is next. */
  readonly onQueued?: (position: number) => void;
  readonly onStarted?: () => void;
  readonly onProgress?: (progress: JobProgress) => void;
  /** The bytes are the caller's to keep. */
  readonly onPreview?: (preview: JobPreview) => void;
  /** Each picture as soon as it is there. */
  readonly onPicture?: (picture: JobPicture) => void;
  readonly signal?: CancelSignal;
}

type ResultMessage = Extract<ServerMessage, { readonly type: 'result' }>;
export type ServerJobMessage = Extract<ServerMessage, { readonly jobId: string }>;

interface Download {
  readonly message: ResultMessage;
  readonly assembler: DownloadAssembler;
}

export interface ClientJobOptions extends RunOptions {
  readonly jobId: string;
  readonly request: JobRequest;
  readonly images: readonly JobImage[];
  readonly limits: TransferLimits;
  /** Told once, when nothing more is to be heard of the job. */
  readonly onEnd: () => void;
}

export class ClientJob {
  readonly jobId: string;
  /** The pictures in the order of their indices, a picture before its mask. */
  readonly finished: Promise<readonly JobPicture[]>;
  readonly #options: ClientJobOptions;
  readonly #images: readonly InputImage[];
  readonly #upload: UploadSender;
  readonly #downloads = new Map<string, Download>();
  readonly #pictures = new Map<string, JobPicture>();
  #session: Session | undefined;
  #isSubmitted = false;
  #isSubmittedAgain = false;
  #isUploading = false;
  #isCancelled = false;
  #resolve!: (pictures: readonly JobPicture[]) => void;
  #reject!: (error: ClientError) => void;

  constructor(options: ClientJobOptions) {
    const { jobId, images, signal } = options;
    this.#options = options;
    this.jobId = jobId;
    this.#images = images.map((image, index) => ({
      ...outlineOf(image),
      imageId: `input-${index}`,
      byteLength: image.bytes.length,
    }));
    this.#upload = new UploadSender(
      jobId,
      images.map(({ bytes }, index) => ({ imageId: `input-${index}`, bytes })),
    );
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal?.addEventListener('abort', this.#onAbort);
  }

  /** A connection is there: submits the job, or picks it up where it was. */
  attach(session: Session): void {
    this.#session = session;
    const { jobId } = this;
    if (this.#isCancelled) session.send({ type: 'cancel', jobId });
    else if (this.#isSubmitted) session.send({ type: 'resume', jobIds: [jobId] });
    else this.#submit();
  }

  /** The connection is gone. What had arrived of a picture is sent again from its start. */
  detach(): void {
    this.#session = undefined;
    this.#isUploading = false;
    this.#downloads.clear();
  }

  /** There will be no connection any more. */
  abandon(error: ClientError): void {
    this.#end();
    this.#reject(error);
  }

  onMessage(message: ServerJobMessage): void {
    if (this.#isCancelled) {
      if (isLast(message)) this.#end();
      return;
    }
    const { onQueued, onStarted, onProgress } = this.#options;
    switch (message.type) {
      case 'accepted':
        this.#isUploading = true;
        this.#pump();
        break;
      case 'received':
        if (this.#isUploading) this.#upload.acknowledge(message);
        else this.#upload.restart(message);
        this.#pump();
        break;
      case 'queued':
        onQueued?.(message.position);
        break;
      case 'started':
        onStarted?.();
        break;
      case 'progress': {
        const { phase, step, steps, etaMs } = message;
        onProgress?.({ phase, step, steps, ...(etaMs !== undefined && { etaMs }) });
        break;
      }
      case 'result':
        this.#onResult(message);
        break;
      case 'done':
        this.#end();
        this.#resolve(this.#sortedPictures());
        break;
      case 'cancelled':
        this.abandon(cancelledError());
        break;
      case 'failed':
        this.abandon(new ClientError(message));
        break;
      default:
        message satisfies never;
    }
  }

  onFrame({ header, bytes }: Frame): void {
    if (this.#isCancelled) return;
    if (header.kind === 'chunk') {
      this.#onChunk(header, bytes);
      return;
    }
    const { format, width, height, bounds } = header;
    this.#options.onPreview?.({ format, width, height, bounds, bytes });
  }

  /** The server could not take a frame about this job. One started anew knows nothing of it, and gets it once more. */
  onError(failure: Failure): void {
    if (this.#isCancelled) {
      this.#end();
    } else if (failure.code === 'unknown-job' && !this.#isSubmittedAgain) {
      this.#isSubmittedAgain = true;
      this.#upload.rewind();
      this.#submit();
    } else {
      this.abandon(new ClientError(failure));
    }
  }

  #submit(): void {
    this.#isSubmitted = true;
    this.#send({ type: 'submit', jobId: this.jobId, request: this.#options.request, images: this.#images });
  }

  #pump(): void {
    const session = this.#session;
    if (session === undefined || !this.#isUploading) return;
    this.#upload.pump((frame) => session.sendFrame(frame), this.#options.limits);
  }

  #onResult(message: ResultMessage): void {
    const { imageId } = message;
    // It had arrived whole, but its acknowledgement had not.
    if (this.#pictures.has(imageId)) this.#acknowledge(imageId);
    else this.#downloads.set(imageId, { message, assembler: new DownloadAssembler(message) });
  }

  #onChunk(header: ChunkHeader, bytes: Uint8Array): void {
    const { imageId } = header;
    const download = this.#downloads.get(imageId);
    if (!download?.assembler.accept(header, bytes)) return;
    this.#downloads.delete(imageId);
    const { index, role, format, left, top, width, height, request } = download.message;
    const picture: JobPicture = {
      index,
      role,
      format,
      left,
      top,
      width,
      height,
      request,
      bytes: download.assembler.bytes,
    };
    this.#pictures.set(imageId, picture);
    this.#acknowledge(imageId);
    this.#options.onPicture?.(picture);
  }

  #acknowledge(imageId: string): void {
    this.#send({ type: 'acknowledge', jobId: this.jobId, imageId });
  }

  #send(message: ClientMessage): void {
    this.#session?.send(message);
  }

  readonly #onAbort = (): void => {
    this.#isCancelled = true;
    this.#reject(cancelledError());
    if (this.#isSubmitted) this.#send({ type: 'cancel', jobId: this.jobId });
    else this.#end();
  };

  #end(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#options.onEnd();
  }

  #sortedPictures(): readonly JobPicture[] {
    const rank = ({ index, role }: JobPicture) => 2 * index + (role === 'mask' ? 1 : 0);
    return [...this.#pictures.values()].sort((a, b) => rank(a) - rank(b));
  }
}

function isLast({ type }: ServerJobMessage): boolean {
  return type === 'done' || type === 'failed' || type === 'cancelled';
}

/** The server takes no field that it does not know, which a caller's larger object may have. */
export function outlineOf({ role, format, width, height, left, top }: ImageOutline): ImageOutline {
  return {
    role,
    format,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(left !== undefined && { left }),
    ...(top !== undefined && { top }),
  };
}
