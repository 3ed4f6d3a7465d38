/** One job, from `submit` to its end. */
import type { Progress, ResultPicture } from '../../engine/api.ts';
import type { Failure, InputImage, JobState } from '../protocol/messages.ts';
import type { JobListener } from './job-listener.ts';
import type { QueuedItem } from './job-queue.ts';
import type { ResolvedRequest } from './resolve-request.ts';
import type { Upload } from './upload.ts';

/** Every step a job may take. A crashed engine's job is tried again without leaving `running`. */
const transitions: Record<JobState, readonly JobState[]> = {
  uploading: ['queued', 'failed', 'cancelled'],
  queued: ['running', 'failed', 'cancelled'],
  running: ['done', 'failed', 'cancelled'],
  done: [],
  failed: [],
  cancelled: [],
};

type Bounds = ResultPicture['bounds'];

export interface JobOptions {
  readonly id: string;
  readonly clientId: string;
  readonly request: ResolvedRequest;
  readonly images: readonly InputImage[];
  readonly upload: Upload;
  readonly listener: JobListener;
}

export class Job implements QueuedItem {
  readonly id: string;
  readonly clientId: string;
  readonly request: ResolvedRequest;
  readonly images: readonly InputImage[];
  readonly cancellation = new AbortController();
  /** The pictures, until the job has ended. */
  upload: Upload | undefined;
  /** Nobody while its client is away. */
  listener: JobListener | undefined;
  /** The last that was heard of it, for whoever resumes it. */
  progress: Progress | undefined;
  /** The last position that was told. */
  position: number | undefined;
  failure: Failure | undefined;
  /** Of every result picture that the engine has given. */
  readonly resultIds = new Set<string>();
  /** Its results were dropped before its client had acknowledged them. */
  hasLostResults = false;
  #state: JobState = 'uploading';

  constructor({ id, clientId, request, images, upload, listener }: JobOptions) {
    this.id = id;
    this.clientId = clientId;
    this.request = request;
    this.images = images;
    this.upload = upload;
    this.listener = listener;
  }

  get state(): JobState {
    return this.#state;
  }

  get hasEnded(): boolean {
    return transitions[this.#state].length === 0;
  }

  /** Where in the document a rectangle of the source's pixels is. */
  inDocument(bounds: Bounds): Bounds {
    const { left = 0, top = 0 } = this.images.find(({ role }) => role === 'source') ?? {};
    return { ...bounds, left: left + bounds.left, top: top + bounds.top };
  }

  /** Throws on a step that the table does not have: that is a defect, never a client's doing. */
  transition(next: JobState): void {
    if (!transitions[this.#state].includes(next)) {
      throw new Error(`A job that is ${this.#state} cannot become ${next}.`);
    }
    this.#state = next;
    if (this.hasEnded) this.upload = undefined;
  }
}
