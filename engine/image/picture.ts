/**
 * Decoded pictures as the engine handles them: interleaved samples, rows from the top, upright (EXIF rotation already
 * applied), colour values exactly as stored in the file (no profile conversion; the profile travels along in `icc`).
 */

/** 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. Alpha is straight (not premultiplied). */
export type Channels = 1 | 2 | 3 | 4;

export type Samples = Uint8Array<ArrayBufferLike> | Uint16Array<ArrayBufferLike>;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** `width * height * channels` samples; `Uint8Array` is 0..255, `Uint16Array` is 0..65535. */
  readonly data: Samples;
  /** The embedded ICC profile's bytes, if the file had one. */
  readonly icc?: Uint8Array;
}

/** A soft mask: one byte a pixel, 255 = change fully, 0 = keep bit for bit. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The largest sample value of a picture's depth: 255 or 65535. */
export function maxSample(data: Samples): 255 | 65535 {
  return data instanceof Uint16Array ? 65535 : 255;
}

export function hasAlpha(channels: Channels): boolean {
  return channels === 2 || channels === 4;
}

/** How many of the channels are colours: 1 or 3. */
export function colourCount(channels: Channels): number {
  return hasAlpha(channels) ? channels - 1 : channels;
}

/** A zeroed sample buffer of the same depth as `like`. */
export function allocateSamples(like: Samples, length: number): Samples {
  return like instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
}

/**
 * Guards the functions that move samples between two pictures.
 *
 * @throws RangeError when channels or depth differ: a defect of the caller, not of the user's input.
 */
export function assertSameFormat(a: Picture, b: Picture): void {
  if (a.channels !== b.channels || maxSample(a.data) !== maxSample(b.data)) {
    throw new RangeError(
      `Expected pictures of one format, received ${a.channels} channels of 0..${maxSample(a.data)} and ${b.channels} of 0..${maxSample(b.data)}`,
    );
  }
}

/** Stores values scaled to 0..`maxSample`, rounded to the nearest and clipped, from `offset` on. */
export function storeRounded(
  target: Samples,
  values: ArrayLike<number>,
  { offset, scale }: { readonly offset: number; readonly scale: number },
): void {
  const max = maxSample(target);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! * scale + 0.5;
    target[offset + i] = value < 0 ? 0 : Math.min(value, max);
  }
}
