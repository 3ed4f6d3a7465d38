import type { RgbImage } from './rgb-image.ts';

/**
 * Rows [first, end) of the picture's grey into `grey`, as OpenCV's `COLOR_RGB2GRAY` has it: Rec. 601 weights in 15 bits
 * (modules/imgproc/src/color_rgb.simd.hpp), bit for bit.
 */
export function greyRows(
  { data, width }: RgbImage,
  grey: Uint8Array,
  { first, end }: { readonly first: number; readonly end: number },
): void {
  for (let i = first * width, from = i * 3; i < end * width; i++, from += 3) {
    grey[i] = (data[from]! * 9798 + data[from + 1]! * 19235 + data[from + 2]! * 3735 + 16384) >> 15;
  }
}
