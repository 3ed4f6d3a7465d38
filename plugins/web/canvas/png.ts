/** PNG bit for bit where the browser's own codec is not: its canvas keeps colours multiplied by alpha. */
import { convertIndexedToRgb, decode, encode } from 'fast-png';
import type { Raster } from '../document/raster.ts';
import type { PngHeader } from './picture-header.ts';

/** Chunks by which the browser changes colours or turns the picture: colour profiles and EXIF. */
const BROWSER_CHUNKS = ['iCCP', 'cICP', 'gAMA', 'eXIf'];

/**
 * True when this file's pixels may be read exactly by `decodePng` only: with an alpha channel, a palette with
 * transparency, or 16 bits a channel. What needs colours converted is the browser's, at the price of rounding in
 * translucent pixels; opaque 8-bit pictures it reads exactly itself.
 */
export function needsExactDecoder({ bitDepth, colorType, isInterlaced, chunks }: PngHeader): boolean {
  const isSrgb = chunks.includes('sRGB') && !chunks.includes('iCCP') && !chunks.includes('cICP');
  if (chunks.includes('eXIf') || (!isSrgb && chunks.some((chunk) => BROWSER_CHUNKS.includes(chunk))))
    return false;
  if (colorType === 4 || colorType === 6) return true;
  if (colorType === 3) return chunks.includes('tRNS') && !isInterlaced;
  return bitDepth === 16 && !chunks.includes('tRNS');
}

/** Straight RGBA; 16-bit samples are rounded to the nearest of 8 bits. @throws Error for a damaged file. */
export function decodePng(bytes: Uint8Array): Raster {
  const png = decode(bytes, { checkCrc: true });
  const { width, height, depth } = png;
  const samples = png.palette ? convertIndexedToRgb(png) : png.data;
  const channels = png.palette ? (png.palette[0]?.length ?? 0) : png.channels;
  if (samples.length !== width * height * channels) {
    throw new Error(`Expected ${width * height * channels} samples in the PNG, received ${samples.length}`);
  }
  const data = new Uint8ClampedArray(width * height * 4);
  const hasColor = channels >= 3;
  const hasAlpha = channels === 2 || channels === 4;
  // 65535 / 257 is 255: half of 257 added, it rounds to nearest, and there are no ties.
  const toByte =
    depth === 16 ? (sample: number) => Math.floor((sample + 128) / 257) : (sample: number) => sample;
  for (let from = 0, to = 0; to < data.length; from += channels, to += 4) {
    const first = toByte(samples[from]!);
    data[to] = first;
    data[to + 1] = hasColor ? toByte(samples[from + 1]!) : first;
    data[to + 2] = hasColor ? toByte(samples[from + 2]!) : first;
    data[to + 3] = hasAlpha ? toByte(samples[from + channels - 1]!) : 255;
  }
  return { width, height, data };
}

/** Lossless, alpha and hidden colours included. */
export function encodePng({ width, height, data }: Raster): Blob {
  const bytes = encode({ width, height, data, channels: 4, depth: 8 });
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' });
}
