/** Small operations on planes of numbers, as the score needs them. */
import type { Picture } from '../../../engine/image/picture.ts';

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

export function channelPlane({ width, height, channels, data }: Picture, channel: number): Plane {
  return {
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => data[i * channels + channel]!),
  };
}

/** Rec. 709 luma of an RGB picture. */
export function lumaPlane({ width, height, data }: Picture): Plane {
  return {
    width,
    height,
    data: Float32Array.from(
      { length: width * height },
      (_, i) => 0.2126 * data[3 * i]! + 0.7152 * data[3 * i + 1]! + 0.0722 * data[3 * i + 2]!,
    ),
  };
}

export function mapPlane(plane: Plane, map: (value: number, index: number) => number): Plane {
  return { ...plane, data: plane.data.map(map) };
}

/** The mean over (2 radius + 1)² pixels, of those that the picture has. */
export function boxMean(plane: Plane, radius: number): Plane {
  return transposed(rowMeans(transposed(rowMeans(plane, radius)), radius));
}

function rowMeans({ width, height, data }: Plane, radius: number): Plane {
  const result = new Float32Array(data.length);
  const sums = new Float64Array(width + 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) sums[x + 1] = sums[x]! + data[y * width + x]!;
    for (let x = 0; x < width; x++) {
      const [from, to] = [Math.max(x - radius, 0), Math.min(x + radius + 1, width)];
      result[y * width + x] = (sums[to]! - sums[from]!) / (to - from);
    }
  }
  return { width, height, data: result };
}

function transposed({ width, height, data }: Plane): Plane {
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) result[x * height + y] = data[y * width + x]!;
  }
  return { width: height, height: width, data: result };
}

/** Half as large, each pixel the mean of four. */
export function halved({ width, height, data }: Plane): Plane {
  const size = { width: width >> 1, height: height >> 1 };
  const result = new Float32Array(size.width * size.height);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const i = 2 * y * width + 2 * x;
      result[y * size.width + x] = (data[i]! + data[i + 1]! + data[i + width]! + data[i + width + 1]!) / 4;
    }
  }
  return { ...size, data: result };
}

/** Differences to the right and downwards; 0 at the last column and row. */
export function gradients({ width, height, data }: Plane): { readonly dx: Plane; readonly dy: Plane } {
  const dx = new Float32Array(data.length);
  const dy = new Float32Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x + 1 < width) dx[i] = data[i + 1]! - data[i]!;
      if (y + 1 < height) dy[i] = data[i + width]! - data[i]!;
    }
  }
  return { dx: { width, height, data: dx }, dy: { width, height, data: dy } };
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? 0 : sum / values.length;
}

/** How far two samples' distributions are apart: the mean difference of their quantiles (Wasserstein distance). */
export function distributionDistance(
  a: readonly number[],
  b: readonly number[],
  difference: (a: number, b: number) => number = (x, y) => Math.abs(x - y),
): number {
  if (a.length === 0 || b.length === 0) return 0;
  const [sortedA, sortedB] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  let sum = 0;
  for (let i = 0; i < QUANTILES; i++) {
    const at = (sorted: Float64Array) => sorted[Math.floor(((i + 0.5) / QUANTILES) * sorted.length)]!;
    sum += difference(at(sortedA), at(sortedB));
  }
  return sum / QUANTILES;
}

const QUANTILES = 64;
