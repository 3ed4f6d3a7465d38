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
} from '../../../bridge/protocol/messages.ts';
import type { ServerMessage } from '../../../bridge/protocol/server-message.ts';
import { ClientError, cancelledError } from './client-error.ts';
import type { Session } from './session.ts';
import type { CancelSignal } from './socket.ts';
import { DownloadAssembler, type TransferLimits, UploadSender } from './transfer.ts';

export interface JobImage extends ImageOutline {
  readonly bytes: Uint8Array;
}

/** The images of a job, asked for when an upload begins: first, and again for a server that has lost them. */
export type ImageSource = () => Promise<readonly JobImage[]>;

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
  /** Of a prompt with choices: what was chosen. */
  readonly chosenWords?: { readonly prompt: string; readonly negativePrompt: string };
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
  /** The job's id with the server, 1 to 64 of `A–Z a–z 0–9 _ -`; a new one where it is left out. */
  readonly jobId?: string;
  /**
   * The job may be there from before, e.g. from before a page was loaded again: it is picked up where it is. A server
   * that does not know it gets it anew.
   */
  readonly resume?: boolean;
  /**
   * The server keeps the results until this resolves, so that they can be fetched again by `resume`; without it, until
   * each has arrived.
   */
  readonly released?: Promise<void>;
  /** The server has taken the job in and waits for its images. */
  readonly onUploading?: () => void;
  /** How many jobs go before this one; 0 = it is next. */
  readonly onQueued?: (position: number) => void;
  readonly onStarted?: () => void;
  readonly onProgress?: (progress: JobProgress) => void;
  /** What the user should know of the job that is no failure. */
  readonly onWarning?: (message: string) => void;
  /** The bytes are the caller's to keep. */
  readonly onPreview?: (preview: JobPreview) => void;
  /** Each picture as soon as it is there. */
  readonly onPicture?: (picture: JobPicture) => void;
  readonly signal?: CancelSignal;
}

type ReceivedMessage = Extract<ServerMessage, { readonly type: 'received' }>;
type ResultMessage = Extract<ServerMessage, { readonly type: 'result' }>;
export type ServerJobMessage = Extract<ServerMessage, { readonly jobId: string }>;

interface Input {
  readonly images: readonly InputImage[];
  readonly upload: UploadSender;
}

interface Download {
  readonly message: ResultMessage;
  readonly assembler: DownloadAssembler;
}

export interface ClientJobOptions extends RunOptions {
  readonly jobId: string;
  readonly request: JobRequest;
  readonly images: ImageSource;
  readonly limits: TransferLimits;
  /** Told once, when nothing more is to be heard of the job. */
  readonly onEnd: () => void;
}

export class ClientJob {
  readonly jobId: string;
  /** The pictures in the order of their indices, a picture before its mask. */
  readonly finished: Promise<readonly JobPicture[]>;
  readonly #options: ClientJobOptions;
  /** Held from the time they are asked for until the server has them. */
  #input: Promise<Input> | undefined;
  #upload: UploadSender | undefined;
  /** How much of each image the server has, as it says before the upload goes on. */
  #positions: ReceivedMessage[] = [];
  readonly #downloads = new Map<string, Download>();
  readonly #pictures = new Map<string, JobPicture>();
  #session: Session | undefined;
  /** Whether the server may know of the job: it was submitted, or is there from before. */
  #isTold: boolean;
  #isSubmitted = false;
  #isSubmittedAgain = false;
  #isCancelled: boolean;
  #resolve!: (pictures: readonly JobPicture[]) => void;
  #reject!: (error: unknown) => void;

  constructor(options: ClientJobOptions) {
    const { jobId, signal, resume = false } = options;
    this.#options = options;
    this.jobId = jobId;
    this.#isTold = resume;
    this.#isCancelled = signal?.aborted ?? false;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.#isCancelled) this.#reject(cancelledError());
    signal?.addEventListener('abort', this.#onAbort);
  }

  /** A connection is there: submits the job, or picks it up where it was. */
  attach(session: Session): void {
    this.#session = session;
    const { jobId } = this;
    if (this.#isCancelled) session.send({ type: 'cancel', jobId });
    else if (this.#isTold) session.send({ type: 'resume', jobIds: [jobId] });
    else this.#submit(session);
  }

  /** The connection is gone. What had arrived of a picture is sent again from its start. */
  detach(): void {
    this.#session = undefined;
    this.#upload = undefined;
    this.#positions = [];
    this.#downloads.clear();
  }

  /** There will be no connection any more. */
  abandon(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  onMessage(message: ServerJobMessage): void {
    if (this.#isCancelled) {
      if (isLast(message)) this.#end();
      return;
    }
    const { onUploading, onQueued, onStarted, onProgress, onWarning } = this.#options;
    switch (message.type) {
      case 'accepted':
        onUploading?.();
        this.#startUpload();
        break;
      case 'received':
        if (this.#upload === undefined) this.#positions.push(message);
        else this.#upload.acknowledge(message);
        this.#pump();
        break;
      case 'queued':
        this.#dropInput();
        onQueued?.(message.position);
        break;
      case 'started':
        this.#dropInput();
        onStarted?.();
        break;
      case 'progress': {
        const { phase, step, steps, etaMs } = message;
        onProgress?.({ phase, step, steps, ...(etaMs !== undefined && { etaMs }) });
        break;
      }
      case 'warning':
        onWarning?.(message.message);
        break;
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

  /**
   * The server could not take a frame about this job. One started anew knows nothing of it, and gets it once more; so
   * does one that has forgotten what was there from before.
   */
  onError(failure: Failure): void {
    const isUnknown = failure.code === 'unknown-job';
    if (this.#isCancelled) {
      this.#end();
    } else if (isUnknown && this.#session !== undefined && !this.#isSubmittedAgain) {
      this.#isSubmittedAgain = this.#isSubmitted;
      this.#upload = undefined;
      this.#positions = [];
      this.#submit(this.#session);
    } else {
      this.abandon(new ClientError(failure));
    }
  }

  #submit(session: Session): void {
    this.#withInput(session, ({ images }) => {
      this.#isSubmitted = true;
      this.#isTold = true;
      session.send({ type: 'submit', jobId: this.jobId, request: this.#options.request, images });
    });
  }

  #startUpload(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#withInput(session, ({ upload }) => {
      upload.rewind();
      for (const position of this.#positions) upload.restart(position);
      this.#upload = upload;
      this.#pump();
    });
  }

  /** Goes on with the images as soon as they are there, unless everything has changed by then. */
  #withInput(session: Session, action: (input: Input) => void): void {
    this.#input ??= this.#options.images().then((images) => inputOf(this.jobId, images));
    this.#input.then(
      (input) => {
        if (this.#session === session && !this.#isCancelled) action(input);
      },
      (error: unknown) => this.#onNoImages(error),
    );
  }

  #onNoImages(error: unknown): void {
    if (this.#isCancelled) return;
    if (this.#isTold) this.#send({ type: 'cancel', jobId: this.jobId });
    this.abandon(error);
  }

  /** The server has the images. */
  #dropInput(): void {
    this.#input = undefined;
    this.#upload = undefined;
  }

  #pump(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#upload?.pump((frame) => session.sendFrame(frame), this.#options.limits);
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
    const { index, role, format, left, top, width, height, request, chosenWords } = download.message;
    const picture: JobPicture = {
      index,
      role,
      format,
      left,
      top,
      width,
      height,
      request,
      ...(chosenWords !== undefined && { chosenWords }),
      bytes: download.assembler.bytes,
    };
    this.#pictures.set(imageId, picture);
    this.#acknowledge(imageId);
    this.#options.onPicture?.(picture);
  }

  #acknowledge(imageId: string): void {
    const { released } = this.#options;
    const acknowledge = () => this.#send({ type: 'acknowledge', jobId: this.jobId, imageId });
    if (released === undefined) acknowledge();
    else void released.then(acknowledge);
  }

  #send(message: ClientMessage): void {
    this.#session?.send(message);
  }

  readonly #onAbort = (): void => {
    this.#isCancelled = true;
    this.#reject(cancelledError());
    if (this.#isTold) this.#send({ type: 'cancel', jobId: this.jobId });
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

function inputOf(jobId: string, images: readonly JobImage[]): Input {
  const named = images.map((image, index) => ({ ...image, imageId: image.imageId ?? `input-${index}` }));
  return {
    images: named.map(({ imageId, bytes, ...image }) => ({
      ...outlineOf(image),
      imageId,
      byteLength: bytes.length,
    })),
    upload: new UploadSender(jobId, named),
  };
}

/** The server takes no field that it does not know, which a caller's larger object may have. */
export function outlineOf({ role, imageId, format, width, height, left, top }: ImageOutline): ImageOutline {
  return {
    role,
    ...(imageId !== undefined && { imageId }),
    format,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(left !== undefined && { left }),
    ...(top !== undefined && { top }),
  };
}
