import type { ImageFormat } from './messages.ts';

const rawBytesPerPixel: Partial<Record<ImageFormat, number>> = {
  gray8: 1,
  rgb8: 3,
  rgba8: 4,
  gray16: 2,
  rgb16: 6,
  rgba16: 8,
};

/** Bytes of one pixel of a raw format; nothing for an encoded one. */
export function bytesPerPixel(format: ImageFormat): number | undefined {
  return rawBytesPerPixel[format];
}
