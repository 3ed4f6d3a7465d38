// kernels/patch-cost.ts: the part of a patch inside the picture, and the squared difference of two.

import { height, radius, roles, SOURCE, width } from './level';

/** First and last offset from the centre, set by `cutWindow`. */
export let windowTop: i32 = 0;
export let windowBottom: i32 = 0;
export let windowLeft: i32 = 0;
export let windowRight: i32 = 0;
/** Of the second load of a row: 0 in the pixels that the first has already seen. */
let tail: v128 = i32x4.splat(0);

/** Pixels of 4 bytes in a 16-byte load. A row of fewer is compared pixel by pixel. */
export const LANES: i32 = 4;

export function cutWindow(x: i32, y: i32): void {
  windowLeft = max(-radius, -x);
  windowTop = max(-radius, -y);
  windowRight = min(radius, width - 1 - x);
  windowBottom = min(radius, height - 1 - y);
  // A row of n = 4..7 pixels is two loads: its first four pixels and its last four, which overlap by 8 - n.
  tail = tailMask(windowRight - windowLeft + 1);
}

// @ts-ignore: decorator
@inline
export function tailMask(pixelCount: i32): v128 {
  return i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(2 * LANES - pixelCount));
}

// @ts-ignore: decorator
@inline
export function windowCount(): i32 {
  return (windowBottom - windowTop + 1) * (windowRight - windowLeft + 1);
}

// @ts-ignore: decorator
@inline
export function isSource(x: i32, y: i32): bool {
  return (
    x + windowLeft >= 0 &&
    x + windowRight < width &&
    y + windowTop >= 0 &&
    y + windowBottom < height &&
    (load<u8>(roles + <usize>(y * width + x)) & SOURCE) != 0
  );
}

/** A cost over `count` pixels as of a whole patch. */
// @ts-ignore: decorator
@inline
export function wholePatchCost(cost: u32, count: i32): u32 {
  const side = 2 * radius + 1;
  return count == side * side ? cost : (cost * <u32>(side * side)) / <u32>count;
}

// @ts-ignore: decorator
@inline
function absoluteDifference(a: v128, b: v128): v128 {
  return v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
}

/** Four sums of the squares of 16 bytes. */
// @ts-ignore: decorator
@inline
export function squares(bytes: v128): v128 {
  const first = i16x8.extend_low_i8x16_u(bytes);
  const second = i16x8.extend_high_i8x16_u(bytes);
  return i32x4.add(i32x4.dot_i16x8_s(first, first), i32x4.dot_i16x8_s(second, second));
}

// @ts-ignore: decorator
@inline
export function squaredDifferences(a: v128, b: v128): v128 {
  return squares(absoluteDifference(a, b));
}

// @ts-ignore: decorator
@inline
export function sumOfLanes(sums: v128): u32 {
  const pairs = i32x4.add(sums, i8x16.shuffle(sums, sums, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return <u32>(i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1));
}

// @ts-ignore: decorator
@inline
function rowDifferences(a: usize, b: usize, last: usize): v128 {
  return i32x4.add(
    squaredDifferences(v128.load(a), v128.load(b)),
    squares(v128.and(absoluteDifference(v128.load(a + last), v128.load(b + last)), tail)),
  );
}

/**
 * Sum of squared differences of the window around two centres, given as addresses of their pixels. Once it has reached
 * `limit`, any value from `limit` on.
 */
// @ts-ignore: decorator
@inline
export function patchCost(target: usize, source: usize, limit: u32): u32 {
  const columns = windowRight - windowLeft + 1;
  const first = (windowTop * width + windowLeft) << 2;
  const a = target + first;
  const b = source + first;
  return columns >= LANES ? wideCost(a, b, columns, limit) : narrowCost(a, b, columns);
}

function wideCost(firstA: usize, firstB: usize, columns: i32, limit: u32): u32 {
  const stride: usize = width << 2;
  const last: usize = (columns - LANES) << 2;
  let a = firstA;
  let b = firstB;
  let rows = windowBottom - windowTop + 1;
  let sums = i32x4.splat(0);
  // Two rows between two looks at the limit: most candidates are refused by the first.
  for (; rows >= 2; rows -= 2) {
    sums = i32x4.add(sums, rowDifferences(a, b, last));
    sums = i32x4.add(sums, rowDifferences(a + stride, b + stride, last));
    const cost = sumOfLanes(sums);
    if (cost >= limit) return cost;
    a += 2 * stride;
    b += 2 * stride;
  }
  if (rows == 1) sums = i32x4.add(sums, rowDifferences(a, b, last));
  return sumOfLanes(sums);
}

function narrowCost(firstA: usize, firstB: usize, columns: i32): u32 {
  const stride: usize = width << 2;
  let a = firstA;
  let b = firstB;
  let sums = i32x4.splat(0);
  for (let row = windowTop; row <= windowBottom; row++) {
    for (let at: usize = 0; at < <usize>(columns << 2); at += 4) {
      sums = i32x4.add(sums, squaredDifferences(v128.load32_zero(a + at), v128.load32_zero(b + at)));
    }
    a += stride;
    b += stride;
  }
  return sumOfLanes(sums);
}

/** As `patchCost`, over the pixels that `seen` marks: an Int32 a pixel, 0 or -1; `toSeen` leads there from a pixel. */
export function seenCost(target: usize, source: usize, toSeen: usize, limit: u32): u32 {
  const stride: usize = width << 2;
  const columns = windowRight - windowLeft + 1;
  const first = (windowTop * width + windowLeft) << 2;
  let a = target + first;
  let b = source + first;
  let sums = i32x4.splat(0);
  for (let row = windowTop; row <= windowBottom; row++) {
    if (columns >= LANES) {
      const last: usize = (columns - LANES) << 2;
      const firstSeen = v128.load(a + toSeen);
      const lastSeen = v128.and(v128.load(a + last + toSeen), tail);
      sums = i32x4.add(sums, squares(v128.and(absoluteDifference(v128.load(a), v128.load(b)), firstSeen)));
      sums = i32x4.add(
        sums,
        squares(v128.and(absoluteDifference(v128.load(a + last), v128.load(b + last)), lastSeen)),
      );
    } else {
      for (let at: usize = 0; at < <usize>(columns << 2); at += 4) {
        const differences = absoluteDifference(v128.load32_zero(a + at), v128.load32_zero(b + at));
        sums = i32x4.add(sums, squares(v128.and(differences, v128.load32_zero(a + at + toSeen))));
      }
    }
    if (sumOfLanes(sums) >= limit) break;
    a += stride;
    b += stride;
  }
  return sumOfLanes(sums);
}
