import type { RawFormat } from '../api.ts';
import {
  allocateSamples,
  type Channels,
  hasAlpha,
  maxSample,
  type Picture,
  type Samples,
} from './picture.ts';

export interface SampleFormat {
  readonly channels: Channels;
  readonly depth: 8 | 16;
}

export const sampleFormatOf: Readonly<Record<RawFormat, SampleFormat>> = {
  gray8: { channels: 1, depth: 8 },
  rgb8: { channels: 3, depth: 8 },
  rgba8: { channels: 4, depth: 8 },
  gray16: { channels: 1, depth: 16 },
  rgb16: { channels: 3, depth: 16 },
  rgba16: { channels: 4, depth: 16 },
};

/**
 * Rec. 601 luma of non-linear R, G, B in 16-bit fixed point, rounded; the weights sum to 65536, so that grey stays
 * exactly what it is.
 */
export function luma(red: number, green: number, blue: number): number {
  // Not a shift: the product passes 2^31 for 16-bit samples.
  return Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);
}

/**
 * The picture with the given channels and depth. Depth: 8 to 16 bit by 257, 16 to 8 bit by 1/257 rounded, so that
 * 8 -> 16 -> 8 gives the same samples back. Channels: grey is repeated into RGB, RGB becomes its luma, alpha is added
 * opaque or dropped. Keeps the ICC profile unless it becomes one of another colour model.
 */
export function convertPicture(picture: Picture, format: SampleFormat): Picture {
  return convertChannels(convertDepth(picture, format.depth), format.channels);
}

function convertDepth(picture: Picture, depth: 8 | 16): Picture {
  const { data } = picture;
  if (depth === 16 && data instanceof Uint8Array) {
    const wide = new Uint16Array(data.length);
    for (let i = 0; i < data.length; i++) wide[i] = data[i]! * 257;
    return { ...picture, data: wide };
  }
  if (depth === 8 && data instanceof Uint16Array) {
    const narrow = new Uint8Array(data.length);
    for (let i = 0; i < data.length; i++) narrow[i] = (data[i]! + 128) / 257;
    return { ...picture, data: narrow };
  }
  return picture;
}

function convertChannels(picture: Picture, channels: Channels): Picture {
  if (picture.channels === channels) return picture;
  const from = picture.channels;
  const { data: source, width, height } = picture;
  const data = allocateSamples(source, width * height * channels);
  const toColour = channels >= 3;
  const fromColour = from >= 3;
  for (let s = 0, t = 0; t < data.length; s += from, t += channels) {
    if (toColour) {
      data[t] = source[s]!;
      data[t + 1] = source[fromColour ? s + 1 : s]!;
      data[t + 2] = source[fromColour ? s + 2 : s]!;
    } else {
      data[t] = fromColour ? luma(source[s]!, source[s + 1]!, source[s + 2]!) : source[s]!;
    }
    if (hasAlpha(channels)) data[t + channels - 1] = hasAlpha(from) ? source[s + from - 1]! : maxSample(data);
  }
  const { icc, ...rest } = picture;
  const keepsModel = toColour === fromColour && icc !== undefined;
  return { ...rest, channels, data, ...(keepsModel ? { icc } : {}) };
}

/** The picture on white paper, without alpha: colour * alpha + white * (1 - alpha), rounded to the nearest. */
export function flattenOnWhite(picture: Picture): Picture {
  const { channels, data: source, width, height } = picture;
  if (!hasAlpha(channels)) return picture;
  const colours = channels === 4 ? 3 : 1;
  const max = maxSample(source);
  const data = allocateSamples(source, width * height * colours);
  for (let s = 0, t = 0; t < data.length; s += channels, t += colours) {
    const alpha = source[s + colours]!;
    const white = max * (max - alpha);
    for (let c = 0; c < colours; c++) data[t + c] = (source[s + c]! * alpha + white + (max - 1) / 2) / max;
  }
  return { ...picture, channels: colours, data };
}

/** The samples' bytes, without a copy: 16-bit ones little-endian, as every platform we run on stores them. */
export function bytesOf(samples: Samples): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/**
 * Bytes read as samples: a view where their place in memory allows it, else a copy. Never a `Buffer`, whose `slice`
 * gives a view where every other typed array's gives a copy.
 */
export function samplesOf(bytes: Uint8Array, depth: 8 | 16): Samples {
  if (depth === 8) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const aligned =
    bytes.byteOffset % Uint16Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.prototype.slice.call(bytes);
  return new Uint16Array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / Uint16Array.BYTES_PER_ELEMENT,
  );
}
