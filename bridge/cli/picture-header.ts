/**
 * A picture's format and size from its first bytes, because a job announces them before any pixel is decoded. The
 * content decides, not the file's name. The size is that of the picture as it is shown: turned by its EXIF orientation.
 */
import type { EncodedFormat } from '../../engine/api.ts';

export interface PictureHeader {
  readonly format: EncodedFormat;
  readonly width: number;
  readonly height: number;
}

interface Found {
  readonly width: number;
  readonly height: number;
  /** A TIFF structure that holds the orientation. */
  readonly exif?: Buffer | undefined;
}

const readers: Readonly<Record<EncodedFormat, (file: Buffer) => Found | undefined>> = {
  png: readPng,
  jpeg: readJpeg,
  webp: readWebp,
  tiff: readTiff,
};

/** Nothing when it is none of the formats, or ends before its size. */
export function readPictureHeader(file: Buffer): PictureHeader | undefined {
  const format = formatOf(file);
  if (format === undefined) return undefined;
  try {
    const found = readers[format](file);
    if (found === undefined) return undefined;
    const { width, height, exif } = found;
    const isTurned = exif !== undefined && (readOrientation(exif) ?? 1) >= 5;
    return isTurned ? { format, width: height, height: width } : { format, width, height };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function formatOf(file: Buffer): EncodedFormat | undefined {
  const begins = (text: string, offset = 0) => file.toString('latin1', offset, offset + text.length) === text;
  if (begins('\x89PNG\r\n\x1a\n')) return 'png';
  if (begins('\xff\xd8\xff')) return 'jpeg';
  if (begins('RIFF') && begins('WEBP', 8)) return 'webp';
  return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((magic) => begins(magic)) ? 'tiff' : undefined;
}

/** PNG, third edition, 5.3 (chunks) and 11.2.1 (IHDR). */
function readPng(file: Buffer): Found | undefined {
  if (file.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  let exif: Buffer | undefined;
  for (let at = 8; at + 8 <= file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) === 'eXIf') exif = file.subarray(at + 8);
  }
  return { width: file.readUInt32BE(16), height: file.readUInt32BE(20), exif };
}

/** ITU-T T.81, annex B: segments up to the frame header (SOF). */
function readJpeg(file: Buffer): Found {
  let exif: Buffer | undefined;
  for (let at = 2; ; ) {
    const marker = file.readUInt16BE(at);
    if (marker === 0xffff) {
      // A fill byte before a marker.
      at += 1;
      continue;
    }
    const length = file.readUInt16BE(at + 2);
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5), exif };
    if (marker === 0xffe1 && file.toString('latin1', at + 4, at + 10) === 'Exif\0\0') {
      exif ??= file.subarray(at + 10, at + 2 + length);
    }
    at += 2 + length;
  }
}

/** RFC 9649 (WebP container) and RFC 6386 (VP8 frame header). */
function readWebp(file: Buffer): Found | undefined {
  let size: Omit<Found, 'exif'> | undefined;
  let exif: Buffer | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const length = file.readUInt32LE(at + 4);
    const data = at + 8;
    switch (file.toString('latin1', at, at + 4)) {
      case 'VP8X':
        size ??= { width: 1 + file.readUIntLE(data + 4, 3), height: 1 + file.readUIntLE(data + 7, 3) };
        break;
      case 'VP8 ':
        size ??= {
          width: file.readUInt16LE(data + 6) & 0x3fff,
          height: file.readUInt16LE(data + 8) & 0x3fff,
        };
        break;
      case 'VP8L': {
        const bits = file.readUInt32LE(data + 1);
        size ??= { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
        break;
      }
      case 'EXIF': {
        const hasPrefix = file.toString('latin1', data, data + 6) === 'Exif\0\0';
        exif = file.subarray(hasPrefix ? data + 6 : data, data + length);
      }
    }
    at = data + length + (length % 2);
  }
  return size === undefined ? undefined : { ...size, exif };
}

const tiffTags = { width: 256, height: 257, orientation: 274 } as const;

function readTiff(file: Buffer): Found | undefined {
  const tags = readFirstDirectory(file);
  const width = tags.get(tiffTags.width);
  const height = tags.get(tiffTags.height);
  return width === undefined || height === undefined ? undefined : { width, height, exif: file };
}

function readOrientation(exif: Buffer): number | undefined {
  try {
    return readFirstDirectory(exif).get(tiffTags.orientation);
  } catch (error) {
    // A damaged EXIF block turns nothing.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** TIFF 6.0, section 2, and BigTIFF: the whole numbers of the first directory, by tag. */
function readFirstDirectory(file: Buffer): ReadonlyMap<number, number> {
  const isLittle = file.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const u32 = (at: number) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const u64 = (at: number) => Number(isLittle ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
  const isBig = u16(2) === 43;
  const start = isBig ? u64(8) : u32(4);
  const count = isBig ? u64(start) : u16(start);
  const first = start + (isBig ? 8 : 2);
  const values = new Map<number, number>();
  for (let entry = 0; entry < count; entry++) {
    const at = first + entry * (isBig ? 20 : 12);
    const value = at + (isBig ? 12 : 8);
    const type = u16(at + 2);
    if (type === 3) values.set(u16(at), u16(value));
    else if (type === 4) values.set(u16(at), u32(value));
    else if (type === 16) values.set(u16(at), u64(value));
  }
  return values;
}
