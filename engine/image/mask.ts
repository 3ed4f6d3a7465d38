import { type Bounds, boundsOf, grow, intersect } from './bounds.ts';
import type { Mask } from './picture.ts';

/** A neighbourhood operation's reach in pixels, and where the mask has non-zero pixels at all. */
export interface MaskFilterOptions {
  /** Pixels, >= 0. */
  readonly radius: number;
  /** Contains every non-zero pixel (`maskBounds`), so that the cost follows the mask and not the picture. */
  readonly bounds: Bounds;
}

/** One row or column of a mask, filtered: reads `length` values of `line`, writes as many results back into it. */
type LineFilter = (line: Float64Array, length: number) => void;

/** 255 - v: what was kept is changed, and the other way round. */
export function invertMask(mask: Mask): Mask {
  return { ...mask, data: mask.data.map((value) => 255 - value) };
}

/** 255 where the mask is above the threshold, else 0. */
export function thresholdMask(mask: Mask, threshold: number): Mask {
  return { ...mask, data: mask.data.map((value) => (value > threshold ? 255 : 0)) };
}

/**
 * Grey-value dilation by a square of side 2 * radius + 1: each pixel takes the largest value within `radius` rows and
 * columns. A square, because it is separable and costs the same at any radius; the blur that follows it wherever the
 * shape can be seen rounds the corners.
 */
export function dilateMask(mask: Mask, { radius, bounds }: MaskFilterOptions): Mask {
  if (radius === 0) return mask;
  return filterLines(mask, { area: grow(bounds, radius), filter: slidingMaximum(radius) });
}

/**
 * Soft blur that reaches exactly `radius` pixels: three box filters in a row (close to a Gaussian of
 * sigma = radius / 3), edges of the canvas continued. A pixel whose whole (2 * radius + 1) square has one value keeps it.
 */
export function blurMask(mask: Mask, { radius, bounds }: MaskFilterOptions): Mask {
  if (radius === 0) return mask;
  return filterLines(mask, { area: grow(bounds, radius), filter: tripleBox(radius) });
}

/**
 * The mask with which a fill is laid over the picture: the user's mask grown by `feather` pixels and blurred by as
 * many. So it is nowhere below the user's mask, fully opaque wherever that is, and zero from 2 * feather pixels
 * outside. With feather 0 it is the user's mask itself.
 */
export function compositeMask(
  mask: Mask,
  options: { readonly feather: number; readonly bounds: Bounds },
): Mask {
  const { feather, bounds } = options;
  const grown = dilateMask(mask, { radius: feather, bounds });
  return blurMask(grown, { radius: feather, bounds: grow(bounds, feather) });
}

/** Filters every row of `area`, then every column; what is outside it stays 0. */
function filterLines(mask: Mask, options: { readonly area: Bounds; readonly filter: LineFilter }): Mask {
  const { width } = mask;
  const area = intersect(options.area, boundsOf(mask));
  const data = new Uint8Array(mask.data.length);
  const line = new Float64Array(Math.max(area.width, area.height));
  const firstIndex = area.top * width + area.left;
  for (let y = 0; y < area.height; y++) {
    const rowStart = firstIndex + y * width;
    for (let x = 0; x < area.width; x++) line[x] = mask.data[rowStart + x]!;
    options.filter(line, area.width);
    for (let x = 0; x < area.width; x++) data[rowStart + x] = line[x]!;
  }
  for (let x = 0; x < area.width; x++) {
    const columnStart = firstIndex + x;
    for (let y = 0; y < area.height; y++) line[y] = data[columnStart + y * width]!;
    options.filter(line, area.height);
    for (let y = 0; y < area.height; y++) data[columnStart + y * width] = line[y]!;
  }
  return { ...mask, data };
}

/**
 * Maximum over a window of 2 * radius + 1 in three comparisons a value, whatever the radius: running maxima from the
 * left and from the right inside blocks of the window's size (van Herk 1992; Gil and Werman 1993).
 */
function slidingMaximum(radius: number): LineFilter {
  const window = 2 * radius + 1;
  let fromLeft = new Float64Array(0);
  let fromRight = new Float64Array(0);
  return (line, length) => {
    const padded = length + 2 * radius;
    if (fromLeft.length < padded) {
      fromLeft = new Float64Array(padded);
      fromRight = new Float64Array(padded);
    }
    // Outside the line counts as 0, which changes no maximum.
    const valueAt = (i: number) => (i < radius || i >= radius + length ? 0 : line[i - radius]!);
    for (let i = 0; i < padded; i++) {
      const value = valueAt(i);
      fromLeft[i] = i % window === 0 ? value : Math.max(fromLeft[i - 1]!, value);
    }
    for (let i = padded - 1; i >= 0; i--) {
      const value = valueAt(i);
      fromRight[i] = (i + 1) % window === 0 || i === padded - 1 ? value : Math.max(fromRight[i + 1]!, value);
    }
    for (let i = 0; i < length; i++) line[i] = Math.max(fromRight[i]!, fromLeft[i + 2 * radius]!);
  };
}

/** Three box filters whose radii sum to `radius`; sums stay exact integers (below 2^53), rounded once at the end. */
function tripleBox(radius: number): LineFilter {
  const radii = [0, 1, 2].map((i) => Math.floor((radius + i) / 3));
  const weight = radii.reduce((product, r) => product * (2 * r + 1), 1);
  let from = new Float64Array(0);
  let to = new Float64Array(0);
  return (line, length) => {
    let count = length + 2 * radius;
    if (from.length < count) {
      from = new Float64Array(count);
      to = new Float64Array(count);
    }
    for (let i = 0; i < count; i++) from[i] = line[Math.min(Math.max(i - radius, 0), length - 1)]!;
    for (const r of radii) {
      const window = 2 * r + 1;
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
    for (let i = 0; i < length; i++) line[i] = Math.round(from[i]! / weight);
  };
}
