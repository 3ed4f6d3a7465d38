import { FEATURES, type Level, SOURCE } from '../level.ts';

/** Where a target's patch lies in the picture: the part of it that does not hang over the picture's edge. */
export interface PatchWindow {
  /** First and last offset from the centre, rows. */
  top: number;
  bottom: number;
  /** First and last offset from the centre, columns. */
  left: number;
  right: number;
}

/** Rows compared between two looks at whether the limit is already passed. */
const ROWS_PER_CHECK = 2;

/** Cuts a patch around (x, y) to the picture; `window` is reused, because this runs once a target and pass. */
export function cutWindow(window: PatchWindow, level: Level, { x, y }: { x: number; y: number }): void {
  const { radius, width, height } = level;
  window.left = x < radius ? -x : -radius;
  window.top = y < radius ? -y : -radius;
  window.right = x + radius < width ? radius : width - 1 - x;
  window.bottom = y + radius < height ? radius : height - 1 - y;
}

/**
 * Whether a patch may be copied from (x, y): all of the window around it must be inside the picture and known. So a
 * target at the picture's edge may take its source from the same edge.
 */
export function isSource(level: Level, window: PatchWindow, x: number, y: number): boolean {
  return (
    x + window.left >= 0 &&
    x + window.right < level.width &&
    y + window.top >= 0 &&
    y + window.bottom < level.height &&
    (level.roles[y * level.width + x]! & SOURCE) !== 0
  );
}

/** How many pixels a window holds. */
export function windowCount({ top, bottom, left, right }: PatchWindow): number {
  return (bottom - top + 1) * (right - left + 1);
}

/**
 * Sum of squared differences over all features of the window around two centres. Once the sum has reached `limit`,
 * any value from `limit` on may come back: a candidate that is no better is not worth finishing. Centres are pixel
 * indices, `stride` the picture's width.
 */
export function patchCost(
  pixels: Uint8Array,
  stride: number,
  target: number,
  source: number,
  window: PatchWindow,
  limit: number,
): number {
  const { top, bottom, left, right } = window;
  const length = (right - left + 1) * FEATURES;
  const rowStep = stride * FEATURES - length;
  let a = (target + top * stride + left) * FEATURES;
  let b = (source + top * stride + left) * FEATURES;
  let sum = 0;
  let rowsToCheck = ROWS_PER_CHECK;
  for (let rows = bottom - top + 1; rows > 0; rows--) {
    for (const end = a + length; a < end; a += FEATURES, b += FEATURES) {
      const red = (pixels[a]! - pixels[b]!) | 0;
      const green = (pixels[a + 1]! - pixels[b + 1]!) | 0;
      const blue = (pixels[a + 2]! - pixels[b + 2]!) | 0;
      const texture = (pixels[a + 3]! - pixels[b + 3]!) | 0;
      sum =
        (sum +
          Math.imul(red, red) +
          Math.imul(green, green) +
          Math.imul(blue, blue) +
          Math.imul(texture, texture)) |
        0;
    }
    a += rowStep;
    b += rowStep;
    if (--rowsToCheck === 0) {
      if (sum >= limit) return sum;
      rowsToCheck = ROWS_PER_CHECK;
    }
  }
  return sum;
}

/** As `patchCost`, over those pixels of the window that are marked in `seen`, and always to the end. */
export function maskedPatchCost(
  level: Level,
  options: {
    readonly pixels: Uint8Array;
    readonly seen: Uint8Array;
    readonly window: PatchWindow;
    readonly target: number;
    readonly source: number;
  },
): number {
  const { pixels, seen, window, target, source } = options;
  let sum = 0;
  for (let dy = window.top; dy <= window.bottom; dy++) {
    for (let dx = window.left; dx <= window.right; dx++) {
      const offset = dy * level.width + dx;
      if (seen[target + offset] === 0) continue;
      const a = (target + offset) * FEATURES;
      const b = (source + offset) * FEATURES;
      for (let c = 0; c < FEATURES; c++) {
        const difference = pixels[a + c]! - pixels[b + c]!;
        sum += difference * difference;
      }
    }
  }
  return sum;
}

/** A cost over `count` pixels as of a whole patch, so that costs of cut patches compare with those of whole ones. */
export function wholePatchCost(cost: number, count: number, level: Level): number {
  const side = 2 * level.radius + 1;
  return count === side * side ? cost : Math.floor((cost * side * side) / count);
}
