import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflate, type Deflate } from 'node:zlib';
import type { Size } from './bounds.ts';
import { type Channels, maxSample, type Picture, type Samples } from './picture.ts';
import { headerChunk, metadataChunks, type PngMetadata, pngChunk, pngSignature } from './png-chunks.ts';
import { PngRowFilter } from './png-filter.ts';
import { bytesOf } from './samples.ts';

/** Where finished rows go, from the top; resolves when more may come. */
export interface RowSink {
  /** Any number of whole rows, interleaved. The buffer may be used again once the promise has resolved. */
  write(rows: Samples): Promise<void>;
}

export interface PngStreamOptions extends Size, PngMetadata {
  readonly channels: Channels;
  readonly depth: 8 | 16;
}

/** Higher levels take several times as long for a few per cent; these files are large, and read once. */
const DEFLATE_LEVEL = 3;
/** Compressed bytes in an IDAT chunk. */
const IDAT_BYTES = 256 * 1024;
/** Filtered rows handed to the compressor at once, at most: enough to keep it busy, little enough to hold. */
const BLOCK_BYTES = 1024 * 1024;

/** Where a PNG's bytes go. */
interface PngDestination {
  readonly output: Writable;
  /** Takes back what was written, after a failure. */
  discard(): Promise<void>;
}

/**
 * Makes a PNG row by row. Ends with `finish`, or with `abort` where the rows will not all come; the one or the other
 * must be called. On an error (a full disk) what was written is discarded, and the call that finds out, and every
 * later one, rejects with that error.
 */
class PngWriter implements RowSink {
  readonly #options: PngStreamOptions;
  readonly #deflate: Deflate;
  readonly #filter: PngRowFilter;
  readonly #rowBytes: number;
  /** Settles when the output is closed. */
  readonly #written: Promise<void>;
  /** The block being compressed, in a thread of its own, while the next one is filtered. */
  #compressing: Promise<void> = Promise.resolve();
  #failure: unknown;
  #rowCount = 0;

  constructor({ output, discard }: PngDestination, options: PngStreamOptions) {
    this.#options = options;
    const pixelBytes = options.channels * (options.depth / 8);
    this.#rowBytes = options.width * pixelBytes;
    this.#filter = new PngRowFilter({ rowBytes: this.#rowBytes, pixelBytes });
    this.#deflate = createDeflate({
      level: DEFLATE_LEVEL,
      chunkSize: IDAT_BYTES,
    });
    this.#written = pipeline(
      this.#deflate,
      (compressed: AsyncIterable<Uint8Array>) => pngBytes(compressed, options),
      output,
    ).catch(async (error: unknown) => {
      this.#failure = error;
      // A file still being opened would come into being after it was removed; Windows removes no open one.
      if (!output.closed) await new Promise<void>((resolve) => output.once('close', () => resolve()));
      await discard();
      throw error;
    });
    // Whoever writes next is told; nobody may be.
    this.#written.catch(() => {});
  }

  async write(rows: Samples): Promise<void> {
    const { width, height, channels, depth } = this.#options;
    const rowCount = rows.length / (width * channels);
    if (
      !Number.isInteger(rowCount) ||
      this.#rowCount + rowCount > height ||
      maxSample(rows) !== 2 ** depth - 1
    ) {
      throw new RangeError(
        `Expected whole ${depth}-bit rows of ${width} x ${channels} samples, at most ${height - this.#rowCount}, received ${rows.length} of 0..${maxSample(rows)}`,
      );
    }
    const bytes = bytesOf(rows);
    const blockRows = Math.max(1, Math.floor(BLOCK_BYTES / (this.#rowBytes + 1)));
    for (let row = 0; row < rowCount; row += blockRows) {
      const end = Math.min(row + blockRows, rowCount);
      await this.#compress(this.#filterRows(bytes.subarray(row * this.#rowBytes, end * this.#rowBytes)));
      this.#rowCount += end - row;
    }
  }

  /** Completes the picture, once all rows were written. */
  async finish(): Promise<void> {
    if (this.#rowCount !== this.#options.height && this.#failure === undefined) {
      await this.abort();
      throw new RangeError(`Expected ${this.#options.height} rows, received ${this.#rowCount}`);
    }
    await this.#compressing;
    this.#deflate.end();
    await this.#written;
  }

  /** Gives the picture up and discards it. Does nothing after `finish`. */
  async abort(): Promise<void> {
    this.#deflate.destroy(new Error('The picture was given up before it was complete'));
    await this.#written.catch(() => {});
  }

  #filterRows(bytes: Uint8Array): Buffer {
    const filteredRowBytes = this.#rowBytes + 1;
    const block = Buffer.allocUnsafe((bytes.length / this.#rowBytes) * filteredRowBytes);
    for (let from = 0, to = 0; from < bytes.length; from += this.#rowBytes, to += filteredRowBytes) {
      const row = bytes.subarray(from, from + this.#rowBytes);
      // PNG samples are big-endian.
      const ordered = this.#options.depth === 16 ? Buffer.from(row).swap16() : row;
      this.#filter.filterRow(ordered, block.subarray(to, to + filteredRowBytes));
    }
    return block;
  }

  /** Hands a block to the compressor once it has taken the one before, so that what is held stays bounded. */
  async #compress(block: Buffer): Promise<void> {
    await this.#compressing;
    if (this.#failure !== undefined) throw this.#failure;
    const taken = new Promise<void>((resolve, reject) => {
      this.#deflate.write(block, (error) => (error ? reject(error) : resolve()));
    });
    // A compressor stopped by a failed file calls back late, with an error of its own, or never: the file's tells.
    this.#compressing = Promise.race([taken, this.#written]).catch(async (error: unknown) => {
      await this.#written;
      throw error;
    });
    // Whoever writes or finishes next is told.
    this.#compressing.catch(() => {});
  }
}

/** Writes a PNG file row by row, for results too large for memory; a file that is not completed is removed. */
export class PngStreamWriter extends PngWriter {
  constructor(file: string, options: PngStreamOptions) {
    super({ output: createWriteStream(file), discard: () => rm(file, { force: true }) }, options);
  }
}

/** A whole picture as a PNG in memory, with its profile. */
export async function encodePng(picture: Picture, recipe?: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const depth = maxSample(picture.data) === 255 ? 8 : 16;
  const options = { ...picture, depth, ...(recipe !== undefined && { recipe }) } as const;
  const writer = new PngWriter({ output, discard: async () => {} }, options);
  await writer.write(picture.data);
  await writer.finish();
  return Buffer.concat(chunks);
}

async function* pngBytes(
  compressed: AsyncIterable<Uint8Array>,
  options: PngStreamOptions,
): AsyncGenerator<Uint8Array> {
  yield pngSignature;
  yield headerChunk(options);
  yield* metadataChunks(options);
  for await (const data of compressed) yield pngChunk('IDAT', data);
  yield pngChunk('IEND', new Uint8Array());
}
