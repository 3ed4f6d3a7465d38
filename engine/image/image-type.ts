import type { EncodedFormat } from '../api.ts';

/** What the first bytes of a file say it is: a format we read, or the name of one we do not. */
export type ImageType =
  | { readonly format: EncodedFormat }
  | { readonly format: null /** For a message, e.g. "a GIF". */; readonly name: string };

interface Signature {
  readonly offset: number;
  /** Latin-1 text, one character a byte. */
  readonly bytes: string;
}

const readable: readonly (Signature & { readonly format: EncodedFormat })[] = [
  { format: 'png', offset: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { format: 'jpeg', offset: 0, bytes: '\xff\xd8\xff' },
  { format: 'webp', offset: 8, bytes: 'WEBP' },
  { format: 'tiff', offset: 0, bytes: 'II*\0' },
  { format: 'tiff', offset: 0, bytes: 'MM\0*' },
  { format: 'tiff', offset: 0, bytes: 'II+\0' },
  { format: 'tiff', offset: 0, bytes: 'MM\0+' },
];

const named: readonly (Signature & { readonly name: string })[] = [
  { name: 'a GIF', offset: 0, bytes: 'GIF8' },
  { name: 'a HEIC or AVIF', offset: 4, bytes: 'ftyp' },
  { name: 'a Photoshop document', offset: 0, bytes: '8BPS' },
  { name: 'a BMP', offset: 0, bytes: 'BM' },
  { name: 'a PDF', offset: 0, bytes: '%PDF' },
  { name: 'a JPEG XL', offset: 0, bytes: '\xff\x0a' },
  { name: 'an OpenEXR', offset: 0, bytes: '\x76\x2f\x31\x01' },
];

/** Tells a file's type from its content; what it is called plays no part. */
export function imageTypeOf(bytes: Uint8Array): ImageType {
  const begins = ({ offset, bytes: expected }: Signature) =>
    bytes.length >= offset + expected.length &&
    Array.from(expected).every((character, i) => bytes[offset + i] === character.charCodeAt(0));
  const found = readable.find(begins);
  if (found !== undefined) return { format: found.format };
  if (bytes.length === 0) return { format: null, name: 'an empty file (0 bytes)' };
  const other = named.find(begins);
  return { format: null, name: other?.name ?? `${bytes.length} bytes that are no picture` };
}
