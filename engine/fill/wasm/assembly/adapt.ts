// kernels/adapt.ts: what each source patch differs from its target in, over the target's known pixels.

import { back, boxLeft, boxTop, boxWidth, distance, front, HOLE, NO_SOURCE, pixels, radius, roles, width } from './level';
import { cutWindow, LANES, tailMask, windowBottom, windowLeft, windowRight, windowTop } from './patch';

const MAX_CORRECTION: f64 = 12;

/** -1 in every byte of the four pixels that are known, from four bytes of roles. */
// @ts-ignore: decorator
@inline
function knownMask(rolesAt: usize): v128 {
  const role = v128.load32_zero(rolesAt);
  const spread = i8x16.shuffle(role, role, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  return i8x16.eq(v128.and(spread, i8x16.splat(<i8>HOLE)), i8x16.splat(0));
}

/** Sums of the differences of four pixels: 16-bit lanes, feature by feature, two pixels to a lane. */
// @ts-ignore: decorator
@inline
function differences(a: usize, b: usize, known: v128): v128 {
  const here = v128.and(v128.load(a), known);
  const there = v128.and(v128.load(b), known);
  return i16x8.add(
    i16x8.sub(i16x8.extend_low_i8x16_u(here), i16x8.extend_low_i8x16_u(there)),
    i16x8.sub(i16x8.extend_high_i8x16_u(here), i16x8.extend_high_i8x16_u(there)),
  );
}

// @ts-ignore: decorator
@inline
function mean(sum: i32, count: i32): i32 {
  const rounded = floor(<f64>(2 * sum + count) / <f64>(2 * count));
  return <i32>min(max(rounded, -MAX_CORRECTION), MAX_CORRECTION) & 0xff;
}

export function adaptColours(top: i32, bottom: i32): void {
  for (let y = top; y < bottom; y++) {
    for (let x = boxLeft; x < boxLeft + boxWidth; x++) {
      const at: usize = ((y - boxTop) * boxWidth + (x - boxLeft)) << 2;
      const neighbour = load<i32>(front + at);
      const target = y * width + x;
      // A known pixel in the patch's corner is at a chamfer distance of 4 / 3 of the radius: none is in it beyond that.
      const isDeep = 3 * <i32>load<u16>(distance + (<usize>target << 1)) > 4 * radius;
      store<i32>(back + at, neighbour == NO_SOURCE || isDeep ? 0 : correctionOf(x, y, neighbour));
    }
  }
}

function correctionOf(x: i32, y: i32, neighbour: i32): i32 {
  cutWindow(x, y);
  const columns = windowRight - windowLeft + 1;
  const stride: usize = width << 2;
  const first = windowTop * width + windowLeft;
  let role = roles + (y * width + x + first);
  let a = pixels + ((y * width + x + first) << 2);
  let b = pixels + (((neighbour >> 16) * width + (neighbour & 0xffff) + first) << 2);
  let sums = i16x8.splat(0);
  // -1 a known pixel, in each of its four bytes.
  let counts = i8x16.splat(0);
  const tail = tailMask(columns);
  const last: usize = columns - LANES;
  const single = i32x4(-1, 0, 0, 0);
  for (let row = windowTop; row <= windowBottom; row++) {
    if (columns >= LANES) {
      const firstKnown = knownMask(role);
      const lastKnown = v128.and(knownMask(role + last), tail);
      sums = i16x8.add(sums, differences(a, b, firstKnown));
      sums = i16x8.add(sums, differences(a + (last << 2), b + (last << 2), lastKnown));
      counts = i8x16.add(counts, i8x16.add(firstKnown, lastKnown));
    } else {
      for (let column = 0; column < columns; column++) {
        const known = v128.and(knownMask(role + column), single);
        sums = i16x8.add(sums, differences(a + (column << 2), b + (column << 2), known));
        counts = i8x16.add(counts, known);
      }
    }
    role += width;
    a += stride;
    b += stride;
  }
  const count = -(
    <i32>i8x16.extract_lane_s(counts, 0) + <i32>i8x16.extract_lane_s(counts, 4) +
    <i32>i8x16.extract_lane_s(counts, 8) + <i32>i8x16.extract_lane_s(counts, 12)
  );
  if (count == 0) return 0;
  const red = <i32>i16x8.extract_lane_s(sums, 0) + <i32>i16x8.extract_lane_s(sums, 4);
  const green = <i32>i16x8.extract_lane_s(sums, 1) + <i32>i16x8.extract_lane_s(sums, 5);
  const blue = <i32>i16x8.extract_lane_s(sums, 2) + <i32>i16x8.extract_lane_s(sums, 6);
  return mean(red, count) | (mean(green, count) << 8) | (mean(blue, count) << 16);
}
