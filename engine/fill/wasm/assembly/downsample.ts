// kernels/features.ts, `downsample`: half the size, known pixels weighted 1 3 3 1 each way.

import { HOLE, pixels, roles, width } from './level';

/** Of the first tap to the fourth. */
// @ts-ignore: decorator
@inline
function tap(i: i32): i32 {
  return i == 1 || i == 2 ? 3 : 1;
}

/** Row a + 3 b + 3 c + d of 16-bit lanes. */
// @ts-ignore: decorator
@inline
function taps(a: v128, b: v128, c: v128, d: v128): v128 {
  return i16x8.add(i16x8.add(a, d), i16x8.mul(i16x8.add(b, c), i16x8.splat(3)));
}

/** The level set is the coarser one. */
export function downsample(
  top: i32,
  bottom: i32,
  finePixels: usize,
  fineRoles: usize,
  fineWidth: i32,
  fineHeight: i32,
): void {
  const row: usize = fineWidth;
  const stride: usize = fineWidth << 2;
  for (let y = top; y < bottom; y++) {
    const isInnerRow = y > 0 && 2 * y + 2 < fineHeight;
    for (let x = 0; x < width; x++) {
      const to: usize = y * width + x;
      if ((load<u8>(roles + to) & HOLE) != 0) continue;
      const isInner = isInnerRow && x > 0 && 2 * x + 2 < fineWidth;
      // The first of the sixteen pixels, as an index.
      const first: usize = (2 * y - 1) * fineWidth + 2 * x - 1;
      if (!isInner || !allKnown(fineRoles + first, row)) {
        edgePixel(x, y, finePixels, fineRoles, fineWidth, fineHeight);
        continue;
      }
      const from = finePixels + (first << 2);
      const a = v128.load(from);
      const b = v128.load(from + stride);
      const c = v128.load(from + 2 * stride);
      const d = v128.load(from + 3 * stride);
      const left = taps(
        i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b),
        i16x8.extend_low_i8x16_u(c), i16x8.extend_low_i8x16_u(d),
      );
      const right = taps(
        i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b),
        i16x8.extend_high_i8x16_u(c), i16x8.extend_high_i8x16_u(d),
      );
      // Pixels 0 and 1 are in the left one, 2 and 3 in the right: 0 + 3 in the low halves, 1 + 2 in the high ones.
      const swapped = i8x16.shuffle(right, right, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
      const pairs = i16x8.add(left, swapped);
      const middle = i8x16.shuffle(pairs, pairs, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
      const sums = i16x8.add(pairs, i16x8.mul(middle, i16x8.splat(3)));
      const means = i16x8.shr_u(i16x8.add(sums, i16x8.splat(32)), 6);
      v128.store32_lane(pixels + (to << 2), i8x16.narrow_i16x8_u(means, means), 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function allKnown(role: usize, row: usize): bool {
  const holes = load<u32>(role) | load<u32>(role + row) | load<u32>(role + 2 * row) | load<u32>(role + 3 * row);
  return (holes & 0x01010101) == 0;
}

function edgePixel(x: i32, y: i32, finePixels: usize, fineRoles: usize, fineWidth: i32, fineHeight: i32): void {
  let total = 0;
  let sums = i32x4.splat(0);
  for (let j = 0; j < 4; j++) {
    const fromY = 2 * y - 1 + j;
    if (fromY < 0 || fromY >= fineHeight) continue;
    for (let i = 0; i < 4; i++) {
      const fromX = 2 * x - 1 + i;
      if (fromX < 0 || fromX >= fineWidth) continue;
      const from: usize = fromY * fineWidth + fromX;
      if ((load<u8>(fineRoles + from) & HOLE) != 0) continue;
      const weight = tap(i) * tap(j);
      total += weight;
      const value = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(finePixels + (from << 2))));
      sums = i32x4.add(sums, i32x4.mul(value, i32x4.splat(weight)));
    }
  }
  // A pixel is known only where one of the four in its middle is.
  if (total == 0) unreachable();
  sums = i32x4.add(sums, i32x4.splat(total >> 1));
  const to: usize = y * width + x;
  store<u32>(
    pixels + (to << 2),
    (i32x4.extract_lane(sums, 0) / total) |
      ((i32x4.extract_lane(sums, 1) / total) << 8) |
      ((i32x4.extract_lane(sums, 2) / total) << 16) |
      ((i32x4.extract_lane(sums, 3) / total) << 24),
  );
}
