/**
 * Rectangles and points of a document. Areas are integers in document pixels, half-open: a pixel (x, y) is inside when
 * left <= x < left + width and top <= y < top + height. Points are floats; the centre of pixel (0, 0) is (0.5, 0.5).
 */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Bounds extends Size {
  readonly left: number;
  readonly top: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Pixels added at each side. */
export interface Margins {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The whole of a canvas or raster as bounds at (0, 0). */
export function boundsOf({ width, height }: Size): Bounds {
  return { left: 0, top: 0, width, height };
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

export function sameBounds(a: Bounds, b: Bounds): boolean {
  return a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height;
}

/** The pixels in both; where they do not meet, bounds of width and height 0. */
export function intersect(a: Bounds, b: Bounds): Bounds {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  const width = Math.min(rightOf(a), rightOf(b)) - left;
  const height = Math.min(bottomOf(a), bottomOf(b)) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : { left, top, width: 0, height: 0 };
}

/** The smallest bounds that contain both; empty bounds add nothing. */
export function union(a: Bounds, b: Bounds): Bounds {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return boundsBetween(
    { x: Math.min(a.left, b.left), y: Math.min(a.top, b.top) },
    { x: Math.max(rightOf(a), rightOf(b)), y: Math.max(bottomOf(a), bottomOf(b)) },
  );
}

/** From the top left around; none of empty bounds. */
export function cornersOf(bounds: Bounds): readonly Point[] {
  if (isEmpty(bounds)) return [];
  const { left, top } = bounds;
  const [right, bottom] = [rightOf(bounds), bottomOf(bounds)];
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}

/** With margins at its sides. */
export function expanded(bounds: Bounds, { left, top, right, bottom }: Margins): Bounds {
  return {
    left: bounds.left - left,
    top: bounds.top - top,
    width: bounds.width + left + right,
    height: bounds.height + top + bottom,
  };
}

/** The smallest bounds that hold all the pixels which margins add to `bounds`: one strip, or as much as `expanded`. */
export function addedBounds(bounds: Bounds, margins: Margins): Bounds {
  const { left, top, width, height } = expanded(bounds, margins);
  const isOnlySide = (side: keyof Margins) =>
    (['left', 'top', 'right', 'bottom'] as const).every((other) => other === side || margins[other] === 0);
  if (isOnlySide('left')) return { left, top, width: margins.left, height };
  if (isOnlySide('top')) return { left, top, width, height: margins.top };
  if (isOnlySide('right')) return { left: rightOf(bounds), top, width: margins.right, height };
  if (isOnlySide('bottom')) return { left, top: bottomOf(bounds), width, height: margins.bottom };
  return { left, top, width, height };
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

export function translate(bounds: Bounds, by: Point): Bounds {
  return { ...bounds, left: bounds.left + by.x, top: bounds.top + by.y };
}

/** The pixels that the rectangle between two points, given in any order, touches. */
export function boundsBetween(a: Point, b: Point): Bounds {
  const left = Math.floor(Math.min(a.x, b.x));
  const top = Math.floor(Math.min(a.y, b.y));
  return {
    left,
    top,
    width: Math.ceil(Math.max(a.x, b.x)) - left,
    height: Math.ceil(Math.max(a.y, b.y)) - top,
  };
}
