/**
 * Puts the pictures of one job together from their chunks. Each picture's memory is taken once, from its announced
 * length, and each chunk is copied once.
 */
import { BridgeError } from '../errors.ts';
import type { ChunkHeader } from '../protocol/frame.ts';
import type { InputImage } from '../protocol/messages.ts';

export interface UploadProgress {
  readonly imageId: string;
  readonly receivedBytes: number;
  readonly nextSeq: number;
  /** Enough has arrived since it was last told, or the image is whole, or the client is out of step. */
  readonly isToBeTold: boolean;
}

export interface UploadOptions {
  /** How many bytes may arrive untold. */
  readonly tellEveryBytes: number;
}

interface IncomingImage {
  readonly bytes: Uint8Array;
  toldBytes: number;
  receivedBytes: number;
  nextSeq: number;
}

export class Upload {
  readonly byteLength: number;
  readonly #tellEveryBytes: number;
  readonly #images = new Map<string, IncomingImage>();
  #missingBytes: number;

  constructor(images: readonly InputImage[], { tellEveryBytes }: UploadOptions) {
    this.#tellEveryBytes = tellEveryBytes;
    this.byteLength = images.reduce((total, image) => total + image.byteLength, 0);
    this.#missingBytes = this.byteLength;
    for (const { imageId, byteLength } of images) {
      // Not zeroed, which saves a pass over it: nothing reads it before every byte has been written.
      this.#images.set(imageId, {
        bytes: Buffer.allocUnsafeSlow(byteLength),
        toldBytes: 0,
        receivedBytes: 0,
        nextSeq: 0,
      });
    }
  }

  get isComplete(): boolean {
    return this.#missingBytes === 0;
  }

  /** Where every picture is, for a client that goes on with them. */
  tellAll(): readonly UploadProgress[] {
    return [...this.#images].map(([imageId, image]) => tell(imageId, image));
  }

  /**
   * Takes the next chunk; one that was taken already changes nothing. Throws `unknown-image`, and `upload-invalid` for
   * anything else that is not the picture as announced: that upload cannot be saved.
   */
  accept({ imageId, seq, last }: ChunkHeader, chunk: Uint8Array): UploadProgress {
    const image = this.#images.get(imageId);
    if (image === undefined) {
      throw new BridgeError(
        'unknown-image',
        `Expected an image that the job announced, received "${imageId}".`,
      );
    }
    if (seq < image.nextSeq) return tell(imageId, image);
    if (seq > image.nextSeq) {
      throw invalid(`Expected chunk ${image.nextSeq} of image "${imageId}", received chunk ${seq}.`);
    }
    const missing = image.bytes.length - image.receivedBytes;
    if (chunk.length === 0 || chunk.length > missing) {
      throw invalid(`Expected 1..${missing} bytes more of image "${imageId}", received ${chunk.length}.`);
    }
    if (last !== (chunk.length === missing)) {
      throw invalid(
        `Expected \`last\` with the last byte of image "${imageId}" and only there, received ${last} with ${missing - chunk.length} bytes missing.`,
      );
    }
    image.bytes.set(chunk, image.receivedBytes);
    image.receivedBytes += chunk.length;
    image.nextSeq += 1;
    this.#missingBytes -= chunk.length;
    const untoldBytes = image.receivedBytes - image.toldBytes;
    if (last || untoldBytes >= this.#tellEveryBytes) return tell(imageId, image);
    return { ...positionOf(imageId, image), isToBeTold: false };
  }

  /** The whole picture; only to be asked of a complete upload. */
  bytesOf(imageId: string): Uint8Array {
    const image = this.#images.get(imageId);
    if (image === undefined || !this.isComplete) throw new Error(`Image "${imageId}" is not whole.`);
    return image.bytes;
  }
}

function tell(imageId: string, image: IncomingImage): UploadProgress {
  image.toldBytes = image.receivedBytes;
  return { ...positionOf(imageId, image), isToBeTold: true };
}

function positionOf(
  imageId: string,
  { receivedBytes, nextSeq }: IncomingImage,
): Omit<UploadProgress, 'isToBeTold'> {
  return { imageId, receivedBytes, nextSeq };
}

function invalid(message: string): BridgeError {
  return new BridgeError('upload-invalid', message);
}
