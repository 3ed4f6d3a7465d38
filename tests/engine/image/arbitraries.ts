import fc from 'fast-check';
import type { Bounds, Size } from '../../../engine/image/bounds.ts';
import type { Channels, Mask, Picture } from '../../../engine/image/picture.ts';

/** Deterministic noise: any sample value, cheap for large pictures. */
export function noise(length: number, depth: 8 | 16, seed: number): Uint8Array | Uint16Array {
  const data = depth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 12;
  }
  return data;
}

export function noisePicture(
  size: Size,
  options: { readonly channels: Channels; readonly depth: 8 | 16; readonly seed?: number },
): Picture {
  const { channels, depth, seed = 1 } = options;
  const { width, height } = size;
  return { width, height, channels, data: noise(width * height * channels, depth, seed) };
}

export const anyChannels = fc.constantFrom<Channels>(1, 2, 3, 4);
export const anyDepth = fc.constantFrom<8 | 16>(8, 16);
export const anySize = fc.record({
  width: fc.integer({ min: 1, max: 37 }),
  height: fc.integer({ min: 1, max: 37 }),
});

export const anyPicture: fc.Arbitrary<Picture> = fc
  .tuple(anySize, anyChannels, anyDepth, fc.nat())
  .map(([size, channels, depth, seed]) => noisePicture(size, { channels, depth, seed }));

export function boundsInside({ width, height }: Size): fc.Arbitrary<Bounds> {
  return fc
    .record({
      left: fc.nat(width - 1),
      top: fc.nat(height - 1),
      right: fc.nat(width - 1),
      bottom: fc.nat(height - 1),
    })
    .map(({ left, top, right, bottom }) => ({
      left: Math.min(left, right),
      top: Math.min(top, bottom),
      width: Math.abs(right - left) + 1,
      height: Math.abs(bottom - top) + 1,
    }));
}

/** Masks of mostly 0 and 255, with soft values between, down to a single pixel. */
export function maskOf({ width, height }: Size): fc.Arbitrary<Mask> {
  const value = fc.oneof(fc.constant(0), fc.constant(255), fc.integer({ min: 0, max: 255 }));
  const any = fc
    .array(value, { minLength: width * height, maxLength: width * height })
    .map((values) => Uint8Array.from(values));
  const onePixel = fc.nat(width * height - 1).map((index) => {
    const data = new Uint8Array(width * height);
    data[index] = 255;
    return data;
  });
  return fc.oneof(any, onePixel).map((data) => ({ width, height, data }));
}
