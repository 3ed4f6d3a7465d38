/** The images of a file, by the hash of their bytes. Pictures are known by what they are, not by what they are said to be. */
import { createHash } from 'node:crypto';
import type { Image } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';

/** The longest side that `figma.createImage` takes. */
export const maxImageSide = 4096;

interface StoredImage extends ImageHeader {
  readonly bytes: Uint8Array;
}

export class ImageStore {
  readonly #images = new Map<string, StoredImage>();

  get size(): number {
    return this.#images.size;
  }

  /** Throws where Figma does: for no picture at all, another format than PNG, JPEG and GIF, and a side over 4096. */
  create(bytes: Uint8Array): Image {
    if (!ArrayBuffer.isView(bytes) || bytes.constructor.name !== 'Uint8Array')
      throw new TypeError('in createImage: Expected a value of type Uint8Array');
    if (bytes.length === 0) throw new Error('in createImage: Image is too small');
    const header = readImageHeader(bytes);
    if (header === undefined) throw new Error('in createImage: Image type is unsupported');
    const { width, height } = header;
    if (width === 0 || height === 0) throw new Error('in createImage: Image is too small');
    if (Math.max(width, height) > maxImageSide) throw new Error('in createImage: Image is too large');
    const hash = createHash('sha1').update(bytes).digest('hex');
    // A copy: what the plugin does with its bytes afterwards is of no matter.
    this.#images.set(hash, { ...header, bytes: Uint8Array.from(bytes) });
    return this.image(hash)!;
  }

  image(hash: string): Image | null {
    const stored = this.#images.get(hash);
    if (stored === undefined) return null;
    const { width, height, bytes } = stored;
    return Object.freeze({
      hash,
      getBytesAsync: async () => Uint8Array.from(bytes),
      getSizeAsync: async () => ({ width, height }),
    });
  }

  bytes(hash: string): Uint8Array {
    const stored = this.#images.get(hash);
    if (stored === undefined) throw new Error(`Image ${hash} is not in the file`);
    return stored.bytes;
  }
}
