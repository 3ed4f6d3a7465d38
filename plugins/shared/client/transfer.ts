/** Pictures in pieces: cut into frames on the way out, put together again on the way in. */
import { type ChunkHeader, encodeFrame, maxChunkBytes } from '../../../bridge/protocol/frame.ts';
import type { Limits } from '../../../bridge/protocol/limits.ts';
import type { InputImage } from '../../../bridge/protocol/messages.ts';

export type TransferLimits = Pick<Limits, 'maxFrameBytes' | 'maxUnacknowledgedBytes'>;

export interface UploadImage {
  readonly imageId: string;
  readonly bytes: Uint8Array;
}

interface OutgoingImage extends UploadImage {
  sentBytes: number;
  acknowledgedBytes: number;
  nextSeq: number;
}

/** The pictures of one job on their way to the server, never more of them in flight than the server allows. */
export class UploadSender {
  readonly #jobId: string;
  readonly #images: readonly OutgoingImage[];

  constructor(jobId: string, images: readonly UploadImage[]) {
    this.#jobId = jobId;
    this.#images = images.map((image) => ({ ...image, sentBytes: 0, acknowledgedBytes: 0, nextSeq: 0 }));
  }

  /** Sends as many frames as the window has room for. */
  pump(send: (frame: Uint8Array<ArrayBuffer>) => void, limits: TransferLimits): void {
    const chunkBytes = maxChunkBytes(limits.maxFrameBytes);
    let room = limits.maxUnacknowledgedBytes - this.#bytesInFlight();
    for (const image of this.#images) {
      const { imageId, bytes } = image;
      while (image.sentBytes < bytes.length) {
        const length = Math.min(chunkBytes, bytes.length - image.sentBytes);
        if (length > room) return;
        const end = image.sentBytes + length;
        const header: ChunkHeader = {
          kind: 'chunk',
          jobId: this.#jobId,
          imageId,
          seq: image.nextSeq,
          last: end === bytes.length,
        };
        send(encodeFrame(header, bytes.subarray(image.sentBytes, end)));
        image.sentBytes = end;
        image.nextSeq += 1;
        room -= length;
      }
    }
  }

  acknowledge({
    imageId,
    receivedBytes,
  }: {
    readonly imageId: string;
    readonly receivedBytes: number;
  }): void {
    const image = this.#images.find((candidate) => candidate.imageId === imageId);
    if (image !== undefined) image.acknowledgedBytes = receivedBytes;
  }

  /** Goes on from where the server says it is: what was in flight when the connection broke is lost. */
  restart(position: {
    readonly imageId: string;
    readonly receivedBytes: number;
    readonly nextSeq: number;
  }): void {
    const image = this.#images.find(({ imageId }) => imageId === position.imageId);
    if (image === undefined) return;
    image.sentBytes = position.receivedBytes;
    image.acknowledgedBytes = position.receivedBytes;
    image.nextSeq = position.nextSeq;
  }

  /** Begins anew, for a server that knows nothing of the job. */
  rewind(): void {
    for (const { imageId } of this.#images) this.restart({ imageId, receivedBytes: 0, nextSeq: 0 });
  }

  #bytesInFlight(): number {
    return this.#images.reduce((total, image) => total + image.sentBytes - image.acknowledgedBytes, 0);
  }
}

/** One picture on its way from the server; its memory is taken once. */
export class DownloadAssembler {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #receivedBytes = 0;
  #nextSeq = 0;

  constructor({ byteLength }: Pick<InputImage, 'byteLength'>) {
    this.bytes = new Uint8Array(byteLength);
  }

  /** True when the picture is whole. Throws a RangeError when the chunk is not the next one of this picture. */
  accept({ imageId, seq, last }: ChunkHeader, chunk: Uint8Array): boolean {
    const end = this.#receivedBytes + chunk.length;
    if (seq !== this.#nextSeq || end > this.bytes.length || last !== (end === this.bytes.length)) {
      throw new RangeError(
        `Expected chunk ${this.#nextSeq} of "${imageId}" to go on at byte ${this.#receivedBytes} of ${this.bytes.length}, received chunk ${seq} of ${chunk.length} bytes.`,
      );
    }
    this.bytes.set(chunk, this.#receivedBytes);
    this.#receivedBytes = end;
    this.#nextSeq += 1;
    return last;
  }
}
