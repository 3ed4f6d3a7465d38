import type { Size } from '../../shared/picture/geometry.ts';

/** Rows that are transposed together, so that a column pass reads whole cache lines. */
const TRANSPOSE_BLOCK = 32;

/**
 * A plane of 8-bit values blurred by three box filters in a row on each axis (close to a Gaussian of
 * sigma = radius / 3), edges continued; it reaches exactly `radius` pixels. Rounded once an axis.
 *
 * @param plane width * height values; left as it is.
 * @param radius Pixels, an integer >= 1.
 */
export function blurPlane(
  plane: Uint8Array<ArrayBuffer>,
  { width, height }: Size,
  radius: number,
): Uint8Array<ArrayBuffer> {
  const filter = tripleBox(radius);
  const columns = transposed(blurRows(plane, width, filter), width, height);
  return transposed(blurRows(columns, height, filter), height, width);
}

type RowFilter = (from: Uint8Array, to: Uint8Array) => void;

function blurRows(plane: Uint8Array<ArrayBuffer>, width: number, filter: RowFilter): Uint8Array<ArrayBuffer> {
  const blurred = new Uint8Array(plane.length);
  for (let start = 0; start < plane.length; start += width) {
    const row = plane.subarray(start, start + width);
    // One value throughout stays so, and is most of what large selections are made of.
    if (isConstant(row)) blurred.fill(row[0]!, start, start + width);
    else filter(row, blurred.subarray(start, start + width));
  }
  return blurred;
}

function isConstant(row: Uint8Array): boolean {
  const first = row[0];
  for (let i = 1; i < row.length; i++) if (row[i] !== first) return false;
  return true;
}

function transposed(plane: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const turned = new Uint8Array(plane.length);
  for (let top = 0; top < height; top += TRANSPOSE_BLOCK) {
    const bottom = Math.min(top + TRANSPOSE_BLOCK, height);
    for (let left = 0; left < width; left += TRANSPOSE_BLOCK) {
      const right = Math.min(left + TRANSPOSE_BLOCK, width);
      for (let x = left; x < right; x++) {
        for (let y = top; y < bottom; y++) turned[x * height + y] = plane[y * width + x]!;
      }
    }
  }
  return turned;
}

/** Radii that sum to `radius`; the sums stay exact integers (far below 2^53). */
function tripleBox(radius: number): RowFilter {
  const windows = [0, 1, 2].map((i) => 2 * Math.floor((radius + i) / 3) + 1);
  const weight = windows.reduce((product, window) => product * window, 1);
  let from = new Float64Array(0);
  let to = new Float64Array(0);
  return (row, blurred) => {
    const { length } = row;
    const padded = length + 2 * radius;
    if (from.length < padded) {
      from = new Float64Array(padded);
      to = new Float64Array(padded);
    }
    from.fill(row[0]!, 0, radius);
    from.set(row, radius);
    from.fill(row[length - 1]!, radius + length, padded);
    let count = padded;
    for (const window of windows) {
      if (window === 1) continue;
      let sum = 0;
      for (let i = 0; i < window - 1; i++) sum += from[i]!;
      count -= window - 1;
      for (let i = 0; i < count; i++) {
        sum += from[i + window - 1]!;
        to[i] = sum;
        sum -= from[i]!;
      }
      [from, to] = [to, from];
    }
    // The values are not negative, so this rounds to nearest.
    for (let i = 0; i < length; i++) blurred[i] = from[i]! / weight + 0.5;
  };
}
