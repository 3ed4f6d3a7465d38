import { crc32, deflateSync } from 'node:zlib';
import type { Channels } from './picture.ts';

/** PNG (third edition) chunks that we write ourselves. */

export const pngSignature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Length, type and CRC around a chunk's data. */
const CHUNK_OVERHEAD_BYTES = 12;

/** iTXt keyword under which a result's request is kept. */
export const RECIPE_KEYWORD = 'inlay';

const colourTypeOf: Readonly<Record<Channels, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 };

export interface PngMetadata {
  readonly icc?: Uint8Array;
  /** Text kept with the picture, so that it can be made again. */
  readonly recipe?: string;
}

/** A whole chunk: length, type, data, CRC. */
export function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.allocUnsafe(data.length + CHUNK_OVERHEAD_BYTES);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

export function headerChunk(options: {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: 8 | 16;
}): Uint8Array {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(options.width, 0);
  data.writeUInt32BE(options.height, 4);
  data[8] = options.depth;
  data[9] = colourTypeOf[options.channels];
  return pngChunk('IHDR', data);
}

/** The chunks between header and pixels: iCCP for the profile, iTXt for the recipe. */
export function metadataChunks({ icc, recipe }: PngMetadata): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  if (icc !== undefined) {
    // Profile name, its terminator, compression method 0.
    chunks.push(
      pngChunk('iCCP', Buffer.concat([Buffer.from('ICC profile\0\0', 'latin1'), deflateSync(icc)])),
    );
  }
  if (recipe !== undefined) {
    // Keyword, terminator, not compressed, method 0, no language tag, no translated keyword.
    const head = Buffer.from(`${RECIPE_KEYWORD}\0\0\0\0\0`, 'latin1');
    chunks.push(pngChunk('iTXt', Buffer.concat([head, Buffer.from(recipe, 'utf8')])));
  }
  return chunks;
}
