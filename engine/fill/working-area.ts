import { type Bounds, bottomOf, clampInto, grow, maskBounds, rightOf, type Size } from '../image/bounds.ts';
import { contextBounds, patchMatchContext } from '../image/context.ts';
import type { Mask } from '../image/picture.ts';
import { HOLE_THRESHOLD } from './kernels/hole.ts';

/** A working area of up to this many pixels costs little. */
export const SMALL_AREA = 1 << 22;

/** A larger one has this many pixels for each one of the hole; more surroundings than these are hardly copied from. */
export const AREA_PER_HOLE_PIXEL = 16;

/** What of a mask is to be filled. */
export interface HoleSize {
  /** Of the mask's pixels above 0. */
  readonly bounds: Bounds;
  /** How many pixels are hole; those whose mask value cannot be seen are not. */
  readonly pixels: number;
}

/** @returns Null where the mask is 0 throughout. */
export function measureHole(mask: Mask): HoleSize | null {
  const bounds = maskBounds(mask);
  if (bounds === null) return null;
  let pixels = 0;
  for (let y = bounds.top; y < bottomOf(bounds); y++) {
    for (let i = y * mask.width + bounds.left; i < y * mask.width + rightOf(bounds); i++) {
      if (mask.data[i]! > HOLE_THRESHOLD) pixels++;
    }
  }
  return { bounds, pixels };
}

/**
 * The part of a picture that a fill works on: the context of its hole, and of that, where the picture is large, no more
 * than what the hole's pixels are worth. A wire across a picture so costs what a wire does, although its bounds are as
 * long as the picture.
 */
export function workingArea({ bounds, pixels }: HoleSize, canvas: Size): Bounds {
  const context = contextBounds(bounds, { canvas });
  const most = Math.max(SMALL_AREA, AREA_PER_HOLE_PIXEL * pixels);
  if (context.width * context.height <= most) return context;
  // (width + 2 padding) (height + 2 padding) = most.
  const { width, height } = bounds;
  const padding = Math.floor((Math.sqrt((width - height) ** 2 + 4 * most) - width - height) / 4);
  return clampInto(grow(bounds, Math.max(padding, patchMatchContext.minPadding)), canvas);
}
