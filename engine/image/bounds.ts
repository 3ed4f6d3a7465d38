import { NonZeroScan } from './non-zero-scan.ts';
import type { Mask } from './picture.ts';

/**
 * Integer rectangles in document pixels, half-open: a pixel (x, y) is inside when left <= x < left + width and
 * top <= y < top + height. Every function is pure and returns a new rectangle. Coordinates may be negative (a layer
 * that hangs over the canvas); plain numbers are exact far past any canvas, so no function guards against overflow.
 */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A width and a height in pixels, without a place. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The whole of a canvas or picture as bounds at (0, 0). */
export function boundsOf(size: Size): Bounds {
  return { left: 0, top: 0, width: size.width, height: size.height };
}

/** The first column right of the bounds. */
export function rightOf(bounds: Bounds): number {
  return bounds.left + bounds.width;
}

/** The first row below the bounds. */
export function bottomOf(bounds: Bounds): number {
  return bounds.top + bounds.height;
}

/** True when no pixel is inside. */
export function isEmpty(bounds: Bounds): boolean {
  return bounds.width <= 0 || bounds.height <= 0;
}

/** The pixels in both; where they do not meet, bounds of width and height 0. */
export function intersect(a: Bounds, b: Bounds): Bounds {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  const width = Math.min(rightOf(a), rightOf(b)) - left;
  const height = Math.min(bottomOf(a), bottomOf(b)) - top;
  if (width <= 0 || height <= 0) return { left, top, width: 0, height: 0 };
  return { left, top, width, height };
}

/** The smallest bounds that contain both; empty bounds add nothing. */
export function union(a: Bounds, b: Bounds): Bounds {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const left = Math.min(a.left, b.left);
  const top = Math.min(a.top, b.top);
  return {
    left,
    top,
    width: Math.max(rightOf(a), rightOf(b)) - left,
    height: Math.max(bottomOf(a), bottomOf(b)) - top,
  };
}

/** True when every pixel of `inner` is in `outer`; empty bounds are in everything. */
export function contains(outer: Bounds, inner: Bounds): boolean {
  return (
    isEmpty(inner) ||
    (inner.left >= outer.left &&
      inner.top >= outer.top &&
      rightOf(inner) <= rightOf(outer) &&
      bottomOf(inner) <= bottomOf(outer))
  );
}

/** The bounds with `amount` pixels more on every side. */
export function grow(bounds: Bounds, amount: number): Bounds {
  return {
    left: bounds.left - amount,
    top: bounds.top - amount,
    width: bounds.width + 2 * amount,
    height: bounds.height + 2 * amount,
  };
}

export function translate(bounds: Bounds, offset: { readonly x: number; readonly y: number }): Bounds {
  return { ...bounds, left: bounds.left + offset.x, top: bounds.top + offset.y };
}

/**
 * The bounds shifted into the canvas with their size kept; a side longer than the canvas' is cut to it. A context at
 * the picture's edge so keeps as many known pixels as one in the middle.
 */
export function clampInto(bounds: Bounds, canvas: Size): Bounds {
  const width = Math.min(bounds.width, canvas.width);
  const height = Math.min(bounds.height, canvas.height);
  return {
    left: Math.min(Math.max(bounds.left, 0), canvas.width - width),
    top: Math.min(Math.max(bounds.top, 0), canvas.height - height),
    width,
    height,
  };
}

/** The tightest bounds of the mask's non-zero pixels; null when there is none. */
export function maskBounds(mask: Mask): Bounds | null {
  const { width, height, data } = mask;
  const scan = new NonZeroScan(data);
  const firstIndex = scan.first(0, width * height);
  if (firstIndex === -1) return null;
  const top = Math.floor(firstIndex / width);
  const bottom = Math.floor(scan.last(firstIndex, width * height) / width);
  let left = width;
  let right = -1;
  for (let y = top; y <= bottom; y++) {
    const rowStart = y * width;
    // Only what could still widen the bounds is read.
    const leftmost = scan.first(rowStart, rowStart + left);
    if (leftmost !== -1) left = leftmost - rowStart;
    const rightmost = scan.last(rowStart + right + 1, rowStart + width);
    if (rightmost !== -1) right = rightmost - rowStart;
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}
