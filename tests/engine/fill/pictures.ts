/** Small made-up pictures and masks for the fill's tests. */
import type { Channels, Mask, Picture } from '../../../engine/image/picture.ts';
import { keyedHash } from '../../../engine/random/keyed-hash.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
}

/** A picture by a function of place and channel, in samples of the depth. */
export function pictureOf(
  size: PictureSize & { readonly depth?: 8 | 16 },
  sampleAt: (x: number, y: number, channel: number) => number,
): Picture {
  const { width, height, channels, depth = 8 } = size;
  const length = width * height * channels;
  const data = depth === 16 ? new Uint16Array(length) : new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const pixel = Math.floor(i / channels);
    data[i] = sampleAt(pixel % width, Math.floor(pixel / width), i % channels);
  }
  return { width, height, channels, data };
}

/** Noise that is the same every time. */
export function noise(size: PictureSize & { readonly depth?: 8 | 16 }, seed = 1): Picture {
  const limit = size.depth === 16 ? 0xffff : 0xff;
  return pictureOf(size, (x, y, c) => keyedHash(seed + c, y * 4099 + x) & limit);
}

/** White in a rectangle, black around it. */
export function rectangleMask(
  size: { readonly width: number; readonly height: number },
  rectangle: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Mask {
  const { width, height } = size;
  const data = new Uint8Array(width * height);
  for (let y = rectangle.top; y < rectangle.top + rectangle.height; y++) {
    data.fill(255, y * width + rectangle.left, y * width + rectangle.left + rectangle.width);
  }
  return { width, height, data };
}

/** The largest difference of any two samples. */
export function largestDifference(a: Picture, b: Picture): number {
  let largest = 0;
  for (let i = 0; i < a.data.length; i++) largest = Math.max(largest, Math.abs(a.data[i]! - b.data[i]!));
  return largest;
}

/** How many pixels differ in any channel. */
export function differingPixels(a: Picture, b: Picture): number {
  let count = 0;
  for (let i = 0; i < a.width * a.height; i++) {
    for (let c = 0; c < a.channels; c++) {
      if (a.data[i * a.channels + c] === b.data[i * a.channels + c]) continue;
      count++;
      break;
    }
  }
  return count;
}
