import type { Size } from './bounds.ts';

/** WebP container (RFC 9649): "RIFF", size, "WEBP", then chunks of four-letter name, size and even-padded data. */
const CONTAINER_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const ICC_FLAG = 0x20;
const ALPHA_FLAG = 0x10;
const EXTENDED_HEADER_BYTES = 10;

/** An encoded WebP with the profile put in as its ICCP chunk; a simple file becomes an extended one. */
export function insertWebpIcc(
  webp: Uint8Array,
  options: Size & { readonly icc: Uint8Array; readonly hasAlpha: boolean },
): Uint8Array {
  const body = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength).subarray(CONTAINER_HEADER_BYTES);
  const isExtended = body.toString('latin1', 0, 4) === 'VP8X';
  const extendedEnd = CHUNK_HEADER_BYTES + EXTENDED_HEADER_BYTES;
  const header = isExtended
    ? Buffer.from(body.subarray(CHUNK_HEADER_BYTES, extendedEnd))
    : extendedHeader(options, options.hasAlpha);
  header[0]! |= ICC_FLAG;
  const chunks = Buffer.concat([
    chunk('VP8X', header),
    chunk('ICCP', options.icc),
    isExtended ? body.subarray(extendedEnd) : body,
  ]);
  const container = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  container.writeUInt32LE(4 + chunks.length, 4);
  return Buffer.concat([container, chunks]);
}

function extendedHeader({ width, height }: Size, hasAlpha: boolean): Buffer {
  const header = Buffer.alloc(EXTENDED_HEADER_BYTES);
  header[0] = hasAlpha ? ALPHA_FLAG : 0;
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  return header;
}

function chunk(name: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(CHUNK_HEADER_BYTES);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}
