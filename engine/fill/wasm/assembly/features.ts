// kernels/features.ts: colours of the samples, and the low band.

import { height, HOLE, low, pixels, roles, width } from './level';

const TRANSPARENT: i32 = 128;

// @ts-ignore: decorator
@inline
function byteAt(samples: usize, index: usize, bytes: i32): i32 {
  if (bytes == 1) return load<u8>(samples + index);
  const sample = <i32>load<u16>(samples + (index << 1));
  return (sample - (sample >> 8) + 128) >> 8;
}

export function colourFeatures(top: i32, bottom: i32, samples: usize, channels: i32, bytes: i32): void {
  let i: usize = top * width;
  const end: usize = bottom * width;
  if (channels == 3 && bytes == 1) {
    // Four pixels are twelve samples; texture, not there yet, is 0.
    for (; i + 4 <= end; i += 4) {
      const twelve = v128.load(samples + 3 * i);
      v128.store(
        pixels + (i << 2),
        i8x16.shuffle(twelve, i8x16.splat(0), 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16),
      );
    }
  }
  if (channels == 4 && bytes == 1) {
    for (; i + 4 <= end; i += 4) {
      const four = v128.load(samples + (i << 2));
      if (!i32x4.all_true(i32x4.ge_u(four, i32x4.splat(0xff000000)))) break;
      v128.store(pixels + (i << 2), v128.and(four, i32x4.splat(0x00ffffff)));
    }
  }
  const hasAlpha = (channels & 1) == 0;
  const green = channels >= 3 ? 1 : 0;
  for (; i < end; i++) {
    const from = i * channels;
    let red = byteAt(samples, from, bytes);
    let middle = byteAt(samples, from + green, bytes);
    let blue = byteAt(samples, from + 2 * green, bytes);
    if (hasAlpha) {
      const alpha = byteAt(samples, from + channels - 1, bytes);
      if (alpha != 255) {
        red = overGrey(red, alpha);
        middle = overGrey(middle, alpha);
        blue = overGrey(blue, alpha);
      }
    }
    store<u32>(pixels + (i << 2), red | (middle << 8) | (blue << 16));
  }
}

// @ts-ignore: decorator
@inline
function overGrey(value: i32, alpha: i32): i32 {
  return (value * alpha + TRANSPARENT * (255 - alpha) + 127) / 255;
}

/** 3x3 sums of 16-bit lanes of a pixel's neighbours above, beside and below. */
// @ts-ignore: decorator
@inline
function addRow(sums: v128, a: v128, b: v128, c: v128, second: bool): v128 {
  if (second) {
    return i16x8.add(
      i16x8.add(sums, i16x8.extend_high_i8x16_u(a)),
      i16x8.add(i16x8.extend_high_i8x16_u(b), i16x8.extend_high_i8x16_u(c)),
    );
  }
  return i16x8.add(
    i16x8.add(sums, i16x8.extend_low_i8x16_u(a)),
    i16x8.add(i16x8.extend_low_i8x16_u(b), i16x8.extend_low_i8x16_u(c)),
  );
}

/** (sum + 4) / 9 of eight lanes, exact up to 9 * 255: 7282 is 65536 / 9, rounded up. */
// @ts-ignore: decorator
@inline
function ninth(sums: v128): v128 {
  const rounded = i16x8.add(sums, i16x8.splat(4));
  return i16x8.narrow_i32x4_u(
    i32x4.shr_u(i32x4.extmul_low_i16x8_u(rounded, i16x8.splat(7282)), 16),
    i32x4.shr_u(i32x4.extmul_high_i16x8_u(rounded, i16x8.splat(7282)), 16),
  );
}

/** Whether none of the eighteen pixels around four, from one above and left of them, is in the hole. */
// @ts-ignore: decorator
@inline
function allKnown(role: usize): bool {
  const row: usize = width;
  const holes = load<u64>(role - row - 1) | load<u64>(role - 1) | load<u64>(role + row - 1);
  // Six of the eight bytes.
  return (holes & 0x0000010101010101) == 0;
}

/** 3x3 means of the known pixels. */
export function lowBand(top: i32, bottom: i32): void {
  const stride: usize = width << 2;
  for (let y = top; y < bottom; y++) {
    let x = 0;
    for (; x < width; x++) {
      const pixel: usize = y * width + x;
      const isInner = x > 0 && x + 4 < width && y > 0 && y + 1 < height;
      if (isInner && allKnown(roles + pixel)) {
        const at = pixels + (pixel << 2);
        let first = i16x8.splat(0);
        let second = i16x8.splat(0);
        for (let from = at - stride; from <= at + stride; from += stride) {
          const a = v128.load(from - 4);
          const b = v128.load(from);
          const c = v128.load(from + 4);
          first = addRow(first, a, b, c, false);
          second = addRow(second, a, b, c, true);
        }
        const means = i8x16.narrow_i16x8_u(ninth(first), ninth(second));
        v128.store(low + (pixel << 2), v128.and(means, i32x4.splat(0x00ffffff)));
        x += 3;
        continue;
      }
      if ((load<u8>(roles + pixel) & HOLE) == 0) lowPixel(x, y);
    }
  }
}

function lowPixel(x: i32, y: i32): void {
  let count = 0;
  let sums = i32x4.splat(0);
  for (let fromY = max(y - 1, 0); fromY <= min(y + 1, height - 1); fromY++) {
    for (let fromX = max(x - 1, 0); fromX <= min(x + 1, width - 1); fromX++) {
      const from: usize = fromY * width + fromX;
      if ((load<u8>(roles + from) & HOLE) != 0) continue;
      count++;
      const value = v128.load32_zero(pixels + (from << 2));
      sums = i32x4.add(sums, i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(value)));
    }
  }
  sums = i32x4.add(sums, i32x4.splat(count >> 1));
  const red = i32x4.extract_lane(sums, 0) / count;
  const green = i32x4.extract_lane(sums, 1) / count;
  const blue = i32x4.extract_lane(sums, 2) / count;
  store<u32>(low + (<usize>(y * width + x) << 2), red | (green << 8) | (blue << 16));
}
