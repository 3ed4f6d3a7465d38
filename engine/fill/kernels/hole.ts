import { HOLE, SOURCE, TARGET } from '../level.ts';

/** Mask values above this are hole: 4 of 255, below which a change cannot be seen. */
export const HOLE_THRESHOLD = 4;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** 1 where a mask value above the threshold is within `grow` pixels (a square), else 0. */
export function holeOfMask(mask: Uint8Array, { width, height, grow }: Size & { grow: number }): Uint8Array {
  const rows = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < width; x++) {
      if (mask[start + x]! <= HOLE_THRESHOLD) continue;
      const right = Math.min(x + grow, width - 1);
      for (let i = Math.max(x - grow, 0); i <= right; i++) rows[start + i] = 1;
    }
  }
  if (grow === 0) return rows;
  const hole = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const bottom = Math.min(y + grow, height - 1);
    for (let from = Math.max(y - grow, 0); from <= bottom; from++) {
      const start = from * width;
      const to = y * width;
      for (let x = 0; x < width; x++) hole[to + x]! |= rows[start + x]!;
    }
  }
  return hole;
}

/** The hole at half the size (rounded up): hole where more than half of the four pixels are. */
export function coarsenHole(hole: Uint8Array, { width, height }: Size): Uint8Array {
  const coarseWidth = (width + 1) >> 1;
  const coarseHeight = (height + 1) >> 1;
  const coarse = new Uint8Array(coarseWidth * coarseHeight);
  for (let y = 0; y < coarseHeight; y++) {
    const top = 2 * y * width;
    // On an odd last row or column the one pixel there is counts twice.
    const bottom = 2 * y + 1 < height ? top + width : top;
    for (let x = 0; x < coarseWidth; x++) {
      const left = 2 * x;
      const right = left + 1 < width ? left + 1 : left;
      const sum = hole[top + left]! + hole[top + right]! + hole[bottom + left]! + hole[bottom + right]!;
      coarse[y * coarseWidth + x] = sum > 2 ? 1 : 0;
    }
  }
  return coarse;
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
  hole: Uint8Array,
  { width, height, distance }: Size & { distance: Uint16Array },
): number {
  for (let i = 0; i < distance.length; i++) distance[i] = hole[i] === 0 ? 0 : FARTHEST;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      let d = distance[i]!;
      if (d === 0) continue;
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
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
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
  for (let i = 0; i < distance.length; i++) distance[i] = Math.floor(distance[i]! / BESIDE);
  return Math.floor(largest / BESIDE);
}

/**
 * Marks hole, targets and sources by counting the hole pixels under each patch.
 *
 * @returns How many sources there are whose patch is wholly inside the picture.
 */
export function assignRoles(
  hole: Uint8Array,
  { width, height, radius, roles }: Size & { radius: number; roles: Uint8Array },
): number {
  const columns = new Uint16Array(width);
  const addRow = (y: number, sign: 1 | -1) => {
    for (let x = 0; x < width; x++) columns[x]! += sign * hole[y * width + x]!;
  };
  let sources = 0;
  for (let y = 0; y < Math.min(radius, height); y++) addRow(y, 1);
  for (let y = 0; y < height; y++) {
    if (y + radius < height) addRow(y + radius, 1);
    if (y - radius - 1 >= 0) addRow(y - radius - 1, -1);
    let sum = 0;
    for (let x = 0; x < Math.min(radius, width); x++) sum += columns[x]!;
    for (let x = 0; x < width; x++) {
      if (x + radius < width) sum += columns[x + radius]!;
      if (x - radius - 1 >= 0) sum -= columns[x - radius - 1]!;
      const i = y * width + x;
      let role = hole[i] === 1 ? HOLE : 0;
      if (sum > 0) role |= TARGET;
      else {
        role |= SOURCE;
        if (x >= radius && x + radius < width && y >= radius && y + radius < height) sources++;
      }
      roles[i] = role;
    }
  }
  return sources;
}

/** How many pixels have a role. */
export function countRole(roles: Uint8Array, role: number): number {
  let count = 0;
  for (const value of roles) if ((value & role) !== 0) count++;
  return count;
}
