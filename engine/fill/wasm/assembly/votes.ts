// kernels/vote.ts, `gatherVotes` and the means. Votes lie in rows of eight slots, one row of patches each; a slot
// without a vote has weight 0 and an endless cost. All of it is in the thread's scratch.

import {
  back, borderWeights, boxHeight, boxLeft, boxTop, boxWidth, costs, distance, front, NO_COST, NO_SOURCE, radius,
  scratch, similarityWeights, width,
} from './level';

const SLOTS: usize = 8;
const STEPS_PER_UNIT: f64 = 32;
const LAST_STEP: i32 = 16 * 32 - 1;
const MIN_VARIANCE: u32 = 49;
const LAST_BORDER: i16 = 10;

/** Offsets in the scratch: at most 7 rows of 8 slots. */
const COSTS: usize = 0;
const ADDRESSES: usize = 256;
const CORRECTIONS: usize = 512;
const WEIGHTS: usize = 768;

/** What `gatherVotes` found. */
let rowCount: i32 = 0;
/** Byte offset of the best vote's source from the start of a plane of four-byte pixels. */
export let bestSource: usize = 0;

/** The percentile of the vote before: neighbours' votes are mostly the same, so it is looked for from there. */
let lastPercentile: u32 = 0;

/** The means of the four features, in units of 1 / scale; floored, so whole. */
export let means: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function lanesSum(v: v128): i32 {
  const pairs = i32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** The `rank`-th smallest cost from 0: steps from one value to the next, from the last one's. */
function percentile(rank: i32): u32 {
  const end = scratch + COSTS + (<usize>rowCount << 5);
  let value = lastPercentile;
  while (true) {
    const values = i32x4.splat(value);
    let below = i32x4.splat(0);
    let above = i32x4.splat(0);
    let nextBelow = i32x4.splat(0);
    let nextAbove = i32x4.splat(-1);
    for (let at = scratch + COSTS; at < end; at += 16) {
      const cost = v128.load(at);
      // `cost` where it is on that side; else what the minimum or maximum leaves out.
      const isBelow = i32x4.lt_u(cost, values);
      const isAbove = i32x4.gt_u(cost, values);
      below = i32x4.sub(below, isBelow);
      above = i32x4.add(above, isAbove);
      nextBelow = i32x4.max_u(nextBelow, v128.and(cost, isBelow));
      nextAbove = i32x4.min_u(nextAbove, v128.or(cost, v128.not(isAbove)));
    }
    if (lanesSum(below) > rank) value = maxOfLanes(nextBelow);
    else if ((rowCount << 3) + lanesSum(above) <= rank) value = minOfLanes(nextAbove);
    else break;
  }
  lastPercentile = value;
  return value;
}

// @ts-ignore: decorator
@inline
function maxOfLanes(v: v128): u32 {
  const pairs = i32x4.max_u(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max<u32>(<u32>i32x4.extract_lane(pairs, 0), <u32>i32x4.extract_lane(pairs, 1));
}

// @ts-ignore: decorator
@inline
function minOfLanes(v: v128): u32 {
  const pairs = i32x4.min_u(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return min<u32>(<u32>i32x4.extract_lane(pairs, 0), <u32>i32x4.extract_lane(pairs, 1));
}

/** Four votes of a row from box index `at` (in bytes) on; `offset` leads from a source centre to the pixel. */
// @ts-ignore: decorator
@inline
function gatherFour(at: usize, slot: usize, inRow: v128, offset: i32): v128 {
  const cost = v128.load(costs + at);
  const neighbour = v128.load(front + at);
  const valid = v128.and(
    inRow,
    v128.and(i32x4.ne(cost, i32x4.splat(NO_COST)), i32x4.ne(neighbour, i32x4.splat(NO_SOURCE))),
  );
  const source = i32x4.add(
    i32x4.mul(i32x4.shr_s(neighbour, 16), i32x4.splat(width)),
    v128.and(neighbour, i32x4.splat(0xffff)),
  );
  const lanes = i32x4.sub(i32x4.splat(offset), i32x4(0, 1, 2, 3));
  v128.store(scratch + COSTS + slot, v128.or(cost, v128.not(valid)));
  v128.store(scratch + ADDRESSES + slot, v128.and(i32x4.shl(i32x4.add(source, lanes), 2), valid));
  v128.store(scratch + CORRECTIONS + slot, v128.and(v128.load(back + at), valid));
  return valid;
}

/** Steps of similarity of two costs. */
// @ts-ignore: decorator
@inline
function twoSteps(cost: v128, unit: v128): v128 {
  // The bias makes up for the reciprocal's rounding; a quotient that is no whole number is farther than it from the next.
  const steps = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_u(cost), unit), f64x2.splat(1 / 8589934592.0));
  return i32x4.trunc_sat_f64x2_u_zero(steps);
}

// @ts-ignore: decorator
@inline
function weightAt(step: i32): i32 {
  return load<u16>(similarityWeights + (<usize>step << 1));
}

/** @returns How many votes there are over (x, y). */
export function gatherVotes(x: i32, y: i32): i32 {
  const top = max(y - radius, boxTop);
  const bottom = min(y + radius, boxTop + boxHeight - 1);
  const left = max(x - radius, boxLeft);
  const right = min(x + radius, boxLeft + boxWidth - 1);
  const columns = i32x4.splat(right - left + 1);
  const inFirst = i32x4.lt_s(i32x4(0, 1, 2, 3), columns);
  const inSecond = i32x4.lt_s(i32x4(4, 5, 6, 7), columns);
  let counts = i32x4.splat(0);
  let slot: usize = 0;
  for (let centreY = top; centreY <= bottom; centreY++) {
    const at: usize = ((centreY - boxTop) * boxWidth + (left - boxLeft)) << 2;
    const offset = (y - centreY) * width + x - left;
    const first = gatherFour(at, slot, inFirst, offset);
    const second = gatherFour(at + 16, slot + 16, inSecond, offset - 4);
    counts = i32x4.add(counts, i32x4.add(first, second));
    slot += 32;
  }
  rowCount = bottom - top + 1;
  const count = -lanesSum(counts);
  if (count == 0) return 0;

  // The 75th percentile of the patches' distances.
  const variance = max(percentile((3 * (count - 1)) >> 2), MIN_VARIANCE);
  const unit = f64x2.splat(STEPS_PER_UNIT / <f64>variance);
  const lowBytes = v128.load(borderWeights);
  const highBytes = v128.load(borderWeights + 16);
  let largest = i16x8.splat(0);
  let from = scratch + COSTS;
  let to = scratch + WEIGHTS;
  let distances = distance + (<usize>(top * width + left) << 1);
  for (let row = 0; row < rowCount; row++) {
    const first = v128.load(from);
    const second = v128.load(from, 16);
    const valid = i16x8.narrow_i32x4_s(
      i32x4.ne(first, i32x4.splat(NO_COST)),
      i32x4.ne(second, i32x4.splat(NO_COST)),
    );
    const a = i32x4.min_u(twoSteps(first, unit), i32x4.splat(LAST_STEP));
    const b = i32x4.min_u(twoSteps(high(first), unit), i32x4.splat(LAST_STEP));
    const c = i32x4.min_u(twoSteps(second, unit), i32x4.splat(LAST_STEP));
    const d = i32x4.min_u(twoSteps(high(second), unit), i32x4.splat(LAST_STEP));
    const similarity = i16x8(
      <i16>weightAt(i32x4.extract_lane(a, 0)), <i16>weightAt(i32x4.extract_lane(a, 1)),
      <i16>weightAt(i32x4.extract_lane(b, 0)), <i16>weightAt(i32x4.extract_lane(b, 1)),
      <i16>weightAt(i32x4.extract_lane(c, 0)), <i16>weightAt(i32x4.extract_lane(c, 1)),
      <i16>weightAt(i32x4.extract_lane(d, 0)), <i16>weightAt(i32x4.extract_lane(d, 1)),
    );
    // The border's weight out of a table of up to 16 entries, split into low and high bytes.
    const steps = i16x8.min_u(v128.load(distances), i16x8.splat(LAST_BORDER));
    const index = i8x16.narrow_i16x8_u(steps, steps);
    const border = i8x16.shuffle(
      i8x16.swizzle(lowBytes, index), i8x16.swizzle(highBytes, index),
      0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
    );
    const product = i16x8.narrow_i32x4_u(
      i32x4.shr_u(i32x4.extmul_low_i16x8_u(similarity, border), 12),
      i32x4.shr_u(i32x4.extmul_high_i16x8_u(similarity, border), 12),
    );
    const weight = v128.and(product, valid);
    largest = i16x8.max_u(largest, weight);
    v128.store(to, weight);
    from += 32;
    to += 16;
    distances += <usize>width << 1;
  }
  bestSource = load<u32>(scratch + ADDRESSES + (firstOf(largest) << 2));
  return count;
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
}

/** The first slot, in the scan's order, whose weight is the largest of all. */
// @ts-ignore: decorator
@inline
function firstOf(largest: v128): usize {
  let most = i16x8.max_u(largest, high(largest));
  most = i16x8.max_u(most, i8x16.shuffle(most, most, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
  most = i16x8.max_u(most, i8x16.shuffle(most, most, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1));
  let at = scratch + WEIGHTS;
  let slot: usize = 0;
  while (true) {
    const found = i16x8.bitmask(i16x8.eq(v128.load(at), most));
    if (found != 0) return slot + ctz(found);
    at += 16;
    slot += SLOTS;
  }
}

/** Two pixels as 16-bit lanes, feature by feature. */
// @ts-ignore: decorator
@inline
function twoPixels(plane: usize, addresses: usize): v128 {
  const first = v128.load32_zero(plane + load<u32>(addresses));
  const both = v128.load32_lane(plane + load<u32>(addresses, 4), first, 1);
  return i8x16.shuffle(both, i32x4.splat(0), 0, 16, 4, 16, 1, 16, 5, 16, 2, 16, 6, 16, 3, 16, 7, 16);
}

/** Two corrections, sign extended, as 16-bit lanes colour by colour. */
// @ts-ignore: decorator
@inline
function twoCorrections(at: usize): v128 {
  const both = v128.load64_zero(at);
  const wide = i8x16.shuffle(both, both, 0, 4, 1, 5, 2, 6, 3, 7, 0, 4, 1, 5, 2, 6, 3, 7);
  return i16x8.extend_low_i8x16_s(wide);
}

/** Weighted means over the votes of the four bytes at each source, floor((2 scale sum + total) / (2 total)). */
export function weightedMeans(plane: usize, scale: i32): void {
  meansOf(plane, scale, false);
}

/** As `weightedMeans`, each vote's colours corrected. */
export function adaptedMeans(plane: usize, scale: i32): void {
  meansOf(plane, scale, true);
}

// @ts-ignore: decorator
@inline
function meansOf(plane: usize, scale: i32, adapted: bool): void {
  let sums = i32x4.splat(0);
  let totals = i32x4.splat(0);
  let addresses = scratch + ADDRESSES;
  let weights = scratch + WEIGHTS;
  for (let row = 0; row < rowCount; row++) {
    const weight = v128.load(weights);
    totals = i32x4.add(totals, i32x4.dot_i16x8_s(weight, i16x8.splat(1)));
    let a = twoPixels(plane, addresses);
    let b = twoPixels(plane, addresses + 8);
    let c = twoPixels(plane, addresses + 16);
    let d = twoPixels(plane, addresses + 24);
    if (adapted) {
      const corrections = addresses + (CORRECTIONS - ADDRESSES);
      a = i16x8.add(a, twoCorrections(corrections));
      b = i16x8.add(b, twoCorrections(corrections + 8));
      c = i16x8.add(c, twoCorrections(corrections + 16));
      d = i16x8.add(d, twoCorrections(corrections + 24));
    }
    const wa = i8x16.shuffle(weight, weight, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    const wb = i8x16.shuffle(weight, weight, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
    const wc = i8x16.shuffle(weight, weight, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11);
    const wd = i8x16.shuffle(weight, weight, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
    sums = i32x4.add(sums, i32x4.add(i32x4.dot_i16x8_s(a, wa), i32x4.dot_i16x8_s(b, wb)));
    sums = i32x4.add(sums, i32x4.add(i32x4.dot_i16x8_s(c, wc), i32x4.dot_i16x8_s(d, wd)));
    addresses += 32;
    weights += 16;
  }
  // 2 * 16 * 49 * 4096 * 267 is below 2^31, and exact in doubles.
  const total = lanesSum(totals);
  const numerators = i32x4.add(i32x4.mul(sums, i32x4.splat(2 * scale)), i32x4.splat(total));
  const divisor = f64x2.splat(<f64>(2 * total));
  const first = f64x2.floor(f64x2.div(f64x2.convert_low_i32x4_s(numerators), divisor));
  const second = f64x2.floor(f64x2.div(f64x2.convert_low_i32x4_s(high(numerators)), divisor));
  const a = i32x4.trunc_sat_f64x2_s_zero(first);
  const b = i32x4.trunc_sat_f64x2_s_zero(second);
  means = i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}
