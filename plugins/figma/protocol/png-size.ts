import type { Size } from '../../shared/picture/geometry.ts';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Of the signature, and of the header's length and name. */
const headerStart = 16;

/** The size of a PNG, from its header; nothing for any other file. */
export function pngSize(bytes: Uint8Array): Size | undefined {
  if (bytes.length < headerStart + 8 || signature.some((byte, index) => bytes[index] !== byte))
    return undefined;
  const number = (at: number) => new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
  return { width: number(headerStart), height: number(headerStart + 4) };
}
