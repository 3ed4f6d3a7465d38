import { type Bounds, bottomOf, grow, intersect, rightOf } from '../../image/bounds.ts';
import { HOLE, SOURCE, TARGET } from '../level.ts';

/** Mask values above this are hole: 4 of 255, below which a change cannot be seen. */
export const HOLE_THRESHOLD = 4;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A plane of 0 and 1, and bounds outside which it is 0: everything about it costs what they hold. */
export interface HolePlane extends Size {
  readonly data: Uint8Array;
  readonly bounds: Bounds;
}

/**
 * 1 where a mask value is above the threshold, else 0.
 *
 * @param options `bounds`: outside them the mask is 0.
 */
export function holeOfMask(mask: Uint8Array, options: Size & { readonly bounds: Bounds }): HolePlane {
  const { width, height, bounds } = options;
  const data = new Uint8Array(width * height);
  for (let y = bounds.top; y < bottomOf(bounds); y++) {
    for (let i = y * width + bounds.left; i < y * width + rightOf(bounds); i++) {
      if (mask[i]! > HOLE_THRESHOLD) data[i] = 1;
    }
  }
  return { width, height, data, bounds };
}

/** The hole at half the size (rounded up): hole where more than half of the four pixels are. */
export function coarsenHole({ width, height, data: hole, bounds: fine }: HolePlane): HolePlane {
  const size = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  const left = fine.left >> 1;
  const top = fine.top >> 1;
  const bounds = {
    left,
    top,
    width: ((rightOf(fine) + 1) >> 1) - left,
    height: ((bottomOf(fine) + 1) >> 1) - top,
  };
  const data = new Uint8Array(size.width * size.height);
  for (let y = top; y < bottomOf(bounds); y++) {
    const upper = 2 * y * width;
    // On an odd last row or column the one pixel there is counts twice.
    const lower = 2 * y + 1 < height ? upper + width : upper;
    for (let x = left; x < rightOf(bounds); x++) {
      const first = 2 * x;
      const second = first + 1 < width ? first + 1 : first;
      const sum = hole[upper + first]! + hole[upper + second]! + hole[lower + first]! + hole[lower + second]!;
      data[y * size.width + x] = sum > 2 ? 1 : 0;
    }
  }
  return { ...size, data, bounds };
}

/** Chamfer weights 3 (beside) and 4 (diagonal), within 8 % of the Euclidean distance (Borgefors 1986). */
const BESIDE = 3;
const DIAGONAL = 4;
const FARTHEST = 0xffff;

/**
 * Distance of every hole pixel to the nearest known one, in whole pixels from 1; 0 where known.
 *
 * @returns The largest distance, or 0 without a hole.
 */
export function distanceToKnown(
  { width, height, data: hole, bounds }: HolePlane,
  distance: Uint16Array,
): number {
  const right = rightOf(bounds);
  const bottom = bottomOf(bounds);
  distance.fill(0);
  for (let y = bounds.top; y < bottom; y++) {
    for (let x = bounds.left; x < right; x++) {
      const i = y * width + x;
      if (hole[i] === 0) continue;
      let d = FARTHEST;
      if (x > 0) d = Math.min(d, distance[i - 1]! + BESIDE);
      if (y > 0) {
        d = Math.min(d, distance[i - width]! + BESIDE);
        if (x > 0) d = Math.min(d, distance[i - width - 1]! + DIAGONAL);
        if (x + 1 < width) d = Math.min(d, distance[i - width + 1]! + DIAGONAL);
      }
      distance[i] = d;
    }
  }
  let largest = 0;
  for (let y = bottom - 1; y >= bounds.top; y--) {
    for (let x = right - 1; x >= bounds.left; x--) {
      const i = y * width + x;
      let d = distance[i]!;
      if (d === 0) continue;
      if (x + 1 < width) d = Math.min(d, distance[i + 1]! + BESIDE);
      if (y + 1 < height) {
        d = Math.min(d, distance[i + width]! + BESIDE);
        if (x + 1 < width) d = Math.min(d, distance[i + width + 1]! + DIAGONAL);
        if (x > 0) d = Math.min(d, distance[i + width - 1]! + DIAGONAL);
      }
      distance[i] = d;
      if (d > largest) largest = d;
    }
  }
  // Kept in thirds until both sweeps are done.
  for (let y = bounds.top; y < bottom; y++) {
    for (let i = y * width + bounds.left; i < y * width + right; i++) {
      distance[i] = Math.floor(distance[i]! / BESIDE);
    }
  }
  return Math.floor(largest / BESIDE);
}

/** How many pixels of a level have a role, and how many sources have their whole patch inside the picture. */
export interface RoleCounts {
  readonly hole: number;
  readonly targets: number;
  readonly sources: number;
}

/** Marks hole, targets and sources by counting the hole pixels under each patch. */
export function assignRoles(
  { width, height, data: hole, bounds }: HolePlane,
  { radius, roles }: { readonly radius: number; readonly roles: Uint8Array },
): RoleCounts {
  // Beyond the reach of a patch all is source.
  roles.fill(SOURCE);
  const area = intersect(grow(bounds, radius), { left: 0, top: 0, width, height });
  const columns = new Uint16Array(width);
  const addRow = (y: number, sign: 1 | -1) => {
    for (let x = area.left; x < rightOf(area); x++) columns[x]! += sign * hole[y * width + x]!;
  };
  const counts = {
    hole: 0,
    targets: 0,
    sources: Math.max(width - 2 * radius, 0) * Math.max(height - 2 * radius, 0),
  };
  for (let y = Math.max(area.top - radius, 0); y < Math.min(area.top + radius, height); y++) addRow(y, 1);
  for (let y = area.top; y < bottomOf(area); y++) {
    if (y + radius < height) addRow(y + radius, 1);
    if (y - radius - 1 >= 0 && y > area.top) addRow(y - radius - 1, -1);
    let sum = 0;
    for (let x = area.left; x < Math.min(area.left + radius, width); x++) sum += columns[x]!;
    for (let x = area.left; x < rightOf(area); x++) {
      if (x + radius < width) sum += columns[x + radius]!;
      if (x - radius - 1 >= area.left) sum -= columns[x - radius - 1]!;
      if (sum === 0) continue;
      const i = y * width + x;
      roles[i] = hole[i] === 1 ? HOLE | TARGET : TARGET;
      counts.targets++;
      counts.hole += hole[i]!;
      if (x >= radius && x + radius < width && y >= radius && y + radius < height) counts.sources--;
    }
  }
  return counts;
}
