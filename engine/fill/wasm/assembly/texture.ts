// kernels/features.ts, `textureFeature`: mean gradient over 5x5 known pixels. Gradients, and 1 where they are known,
// are kept of the last five rows, 16 bits each, with a margin of 0 around that a load may reach into.

import { height, HOLE, pixels, roles, scratch, width } from './level';

const TEXTURE_RADIUS: i32 = 2;
const ROWS: i32 = 2 * TEXTURE_RADIUS + 1;
const TEXTURE_SCALE: f32 = 3;
/** Pixels before a row, and after it. */
const MARGIN: i32 = 8;

/** Bytes from one row to the next, and from gradients to counts. */
let rowBytes: usize = 0;
let toCounts: usize = 0;
/** Sums of the five rows, as a sixth row of each kind. */
let sums: usize = 0;

// @ts-ignore: decorator
@inline
function gradientRow(y: i32): usize {
  return scratch + <usize>(y % ROWS) * rowBytes;
}

/** 2 red + 5 green + blue of four pixels, in 32-bit lanes. */
// @ts-ignore: decorator
@inline
function luma(address: usize): v128 {
  const four = v128.load(address);
  const weights = i16x8(2, 5, 1, 0, 2, 5, 1, 0);
  const first = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(four), weights);
  const second = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(four), weights);
  return i32x4.add(
    i8x16.shuffle(first, second, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
    i8x16.shuffle(first, second, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
  );
}

/** Four roles in 32-bit lanes. */
// @ts-ignore: decorator
@inline
function fourRoles(address: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(address)));
}

/** Gradients of row `y`; the last row and the last column have none. Loads reach up to four pixels past a row. */
function measureRow(y: i32): void {
  const row = gradientRow(y);
  memory.fill(row, 0, rowBytes);
  memory.fill(row + toCounts, 0, rowBytes);
  if (y < 0 || y >= height - 1) return;
  const stride: usize = width << 2;
  let at = row + (MARGIN << 1);
  for (let x = 0; x < width - 1; x += 4, at += 8) {
    const pixel: usize = y * width + x;
    const from = pixels + (pixel << 2);
    const role = roles + pixel;
    const holes = v128.or(v128.or(fourRoles(role), fourRoles(role + 1)), fourRoles(role + width));
    const inRow = i32x4.lt_s(i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(x)), i32x4.splat(width - 1));
    const known = v128.and(i32x4.eq(v128.and(holes, i32x4.splat(HOLE)), i32x4.splat(0)), inRow);
    const here = luma(from);
    const gradient = i32x4.add(
      i32x4.abs(i32x4.sub(luma(from + 4), here)),
      i32x4.abs(i32x4.sub(luma(from + stride), here)),
    );
    const values = v128.and(gradient, known);
    const counts = v128.and(i32x4.splat(1), known);
    v128.store64_lane(at, i16x8.narrow_i32x4_u(values, values), 0);
    v128.store64_lane(at + toCounts, i16x8.narrow_i32x4_u(counts, counts), 0);
  }
}

/** Sums of the five rows around `y`, of gradients or of counts. */
function addRows(kind: usize): void {
  for (let at: usize = 0; at < rowBytes; at += 16) {
    let sum = v128.load(scratch + kind + at);
    for (let row: usize = 1; row < <usize>ROWS; row++) sum = i16x8.add(sum, v128.load(scratch + kind + row * rowBytes + at));
    v128.store(sums + kind + at, sum);
  }
}

/** Sums of five columns around each of four pixels. */
// @ts-ignore: decorator
@inline
function addColumns(at: usize): v128 {
  return i32x4.add(
    i32x4.add(
      i32x4.add(v128.load16x4_u(at - 4), v128.load16x4_u(at - 2)),
      i32x4.add(v128.load16x4_u(at + 2), v128.load16x4_u(at + 4)),
    ),
    v128.load16x4_u(at),
  );
}

export function textureFeature(top: i32, bottom: i32): void {
  rowBytes = ((width + 2 * MARGIN + 7) & ~7) << 1;
  toCounts = <usize>(ROWS + 1) * rowBytes;
  sums = scratch + <usize>ROWS * rowBytes;
  // Rows above the picture are as empty as those below it; the remainder must not be negative.
  for (let row: usize = 0; row < 2 * <usize>(ROWS + 1); row++) memory.fill(scratch + row * rowBytes, 0, rowBytes);
  for (let y = max(top - TEXTURE_RADIUS, 0); y < top + TEXTURE_RADIUS; y++) measureRow(y);
  for (let y = top; y < bottom; y++) {
    measureRow(y + TEXTURE_RADIUS);
    addRows(0);
    addRows(toCounts);
    let at = sums + (MARGIN << 1);
    for (let x = 0; x < width; x += 4, at += 8) {
      // Luma is in eighths. Below 2^24, so exact; 0 / 0 becomes 0.
      const sum = f32x4.convert_i32x4_s(addColumns(at));
      const count = f32x4.convert_i32x4_s(addColumns(at + toCounts));
      const mean = i32x4.trunc_sat_f32x4_s(
        f32x4.div(f32x4.mul(sum, f32x4.splat(TEXTURE_SCALE)), f32x4.mul(count, f32x4.splat(8))),
      );
      const value = i32x4.min_s(mean, i32x4.splat(255));
      const pixel = pixels + (<usize>(y * width + x) << 2);
      if (x + 4 <= width) {
        const colours = v128.and(v128.load(pixel), i32x4.splat(0x00ffffff));
        v128.store(pixel, v128.or(colours, i32x4.shl(value, 24)));
      } else {
        store<u8>(pixel, i32x4.extract_lane(value, 0), 3);
        if (x + 1 < width) store<u8>(pixel, i32x4.extract_lane(value, 1), 7);
        if (x + 2 < width) store<u8>(pixel, i32x4.extract_lane(value, 2), 11);
      }
    }
  }
}
