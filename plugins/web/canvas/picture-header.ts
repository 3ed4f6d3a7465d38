import type { Size } from '../../shared/picture/geometry.ts';

/** What a picture's first bytes tell before anything is decoded. */
export interface PictureHeader {
  readonly type: 'png' | 'jpeg' | 'webp' | 'gif' | 'bmp' | 'avif' | 'heic' | 'tiff' | 'svg' | 'psd';
  /** As stored, before any EXIF orientation; undefined where the header does not tell it simply. */
  readonly size?: Size;
  readonly png?: PngHeader;
}

export interface PngHeader {
  readonly bitDepth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  readonly colorType: number;
  readonly isInterlaced: boolean;
  /** The chunks before the pixels, in order. */
  readonly chunks: readonly string[];
}

/** Bytes of a file that are enough for its header, large embedded profiles and thumbnails included. */
export const HEADER_BYTES = 1 << 20;

/** Reads the first HEADER_BYTES of a file (or all of it); undefined when it begins like no picture known here. */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end));
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return pngHeader(view, text);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return withSize('jpeg', jpegSize(view));
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return withSize('webp', webpSize(view, text(12, 16)));
  if (/^GIF8[79]a/.test(text(0, 6)) && bytes.length >= 10) {
    return withSize('gif', { width: view.getUint16(6, true), height: view.getUint16(8, true) });
  }
  if (text(0, 2) === 'BM') return { type: 'bmp' };
  if (text(0, 4) === '8BPS') return { type: 'psd' };
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return { type: 'tiff' };
  if (text(4, 8) === 'ftyp') {
    const brands = text(8, 40);
    if (/avif|avis/.test(brands)) return { type: 'avif' };
    if (/hei[cmxs]|hev[cx]|mif1/.test(brands)) return { type: 'heic' };
  }
  if (/<svg[\s>]/.test(text(0, 1024))) return { type: 'svg' };
  return undefined;
}

function withSize(type: PictureHeader['type'], size: Size | undefined): PictureHeader {
  return size ? { type, size } : { type };
}

function pngHeader(view: DataView, text: (start: number, end: number) => string): PictureHeader {
  if (view.byteLength < 33) return { type: 'png' };
  const chunks: string[] = [];
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const chunk = text(at + 4, at + 8);
    if (chunk === 'IDAT') break;
    chunks.push(chunk);
  }
  return {
    type: 'png',
    size: { width: view.getUint32(16), height: view.getUint32(20) },
    png: {
      bitDepth: view.getUint8(24),
      colorType: view.getUint8(25),
      isInterlaced: view.getUint8(28) === 1,
      chunks,
    },
  };
}

/** The size in the first start-of-frame segment (0xC0..0xCF but for DHT, JPG and DAC). */
function jpegSize(view: DataView): Size | undefined {
  for (let at = 2; at + 9 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return undefined;
}

function webpSize(view: DataView, chunk: string): Size | undefined {
  if (view.byteLength < 30) return undefined;
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (chunk === 'VP8X') return { width: uint24(24) + 1, height: uint24(27) + 1 };
  if (chunk === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return undefined;
}
