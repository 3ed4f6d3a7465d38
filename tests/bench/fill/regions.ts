/** Where the score looks: the hole, its surroundings, its border. */
import type { Mask } from '../../../engine/image/picture.ts';

type Pair = readonly [inner: number, outer: number];

export interface Regions {
  /** 1 in the hole. */
  readonly hole: Float32Array;
  /** 1 around it, as far out as the hole is wide, but not next to it. */
  readonly ring: Float32Array;
  /** Twice the largest distance from the hole to its border. */
  readonly holeWidth: number;
  /** Neighbours of which one is in the hole. */
  readonly border: readonly Pair[];
  /** Neighbours of which both are known, along an outline `OUTLINE_DISTANCE` px further out. */
  readonly outline: readonly Pair[];
  /** The same, 6 px apart. */
  readonly wideBorder: readonly Pair[];
  readonly wideOutline: readonly Pair[];
  /** Pixels of a region on a grid of `spacing`. */
  sample(region: Float32Array, spacing: number): number[];
}

const RING_GAP = 4;
const MIN_RING = 24;
const OUTLINE_DISTANCE = 10;
/** How far from the border the two pixels of a wide pair are. */
const WIDE = 3;

export function regionsOf({ width, height, data }: Mask): Regions {
  const size = { width, height };
  const hole = Float32Array.from(data, (value) => (value > 0 ? 1 : 0));
  const inside = distanceTo(0, hole, size);
  const outside = distanceTo(1, hole, size);
  const holeWidth = 2 * inside.reduce((most, value) => Math.max(most, value), 0);
  const reach = RING_GAP + Math.max(MIN_RING, holeWidth);
  return {
    hole,
    ring: outside.map((distance) => (distance > RING_GAP && distance <= reach ? 1 : 0)),
    holeWidth,
    border: pairs(size, { span: 1, isPair: (i, j) => hole[i] === 1 && outside[j] === 1 }),
    outline: pairs(size, {
      span: 1,
      isPair: (i, j) => outside[i] === OUTLINE_DISTANCE && outside[j] === OUTLINE_DISTANCE + 1,
    }),
    wideBorder: pairs(size, {
      span: 2 * WIDE,
      isPair: (i, j) => inside[i] === WIDE && outside[j] === WIDE + 1,
    }),
    wideOutline: pairs(size, {
      span: 2 * WIDE,
      isPair: (i, j) => outside[i] === OUTLINE_DISTANCE && outside[j] === OUTLINE_DISTANCE + 2 * WIDE,
    }),
    sample: (region, spacing) => {
      const found: number[] = [];
      for (let y = spacing >> 1; y < height; y += spacing) {
        for (let x = spacing >> 1; x < width; x += spacing) {
          if (region[y * width + x] === 1) found.push(y * width + x);
        }
      }
      return found;
    },
  };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Chessboard distance to the nearest pixel of that value, in two passes. */
function distanceTo(value: 0 | 1, region: Float32Array, { width, height }: Size): Float32Array {
  const far = width + height;
  const distance = region.map((is) => (is === value ? 0 : far));
  const relax = (x: number, y: number, [dx, dy]: readonly [number, number]) => {
    const [nx, ny] = [x + dx, y + dy];
    if (nx < 0 || ny < 0 || nx >= width || ny >= height) return;
    const i = y * width + x;
    distance[i] = Math.min(distance[i]!, distance[ny * width + nx]! + 1);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) for (const step of before) relax(x, y, step);
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) for (const [dx, dy] of before) relax(x, y, [-dx, -dy]);
  }
  return distance;
}

const before = [
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
] as const;

/** Pixels `span` apart in a row or column that belong to each other. */
function pairs(
  { width, height }: Size,
  { span, isPair }: { readonly span: number; readonly isPair: (i: number, j: number) => boolean },
): Pair[] {
  const found: Pair[] = [];
  const consider = (i: number, j: number) => {
    if (isPair(i, j)) found.push([i, j]);
    else if (isPair(j, i)) found.push([j, i]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + span < width) consider(i, i + span);
      if (y + span < height) consider(i, i + span * width);
    }
  }
  return found;
}
