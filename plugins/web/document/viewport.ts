import type { Bounds, Point, Size } from '../../shared/picture/geometry.ts';

/** What part of the document is on the screen. Screen positions are CSS pixels from the view's top left. */
export interface Viewport {
  /** Screen pixels per document pixel. */
  readonly scale: number;
  /** The document position at the view's top left. */
  readonly origin: Point;
}

export interface ScaleLimits {
  readonly min: number;
  readonly max: number;
}

export function toScreen({ scale, origin }: Viewport, point: Point): Point {
  return { x: (point.x - origin.x) * scale, y: (point.y - origin.y) * scale };
}

export function toDocument({ scale, origin }: Viewport, point: Point): Point {
  return { x: point.x / scale + origin.x, y: point.y / scale + origin.y };
}

/** Zoomed by `factor` about a point of the screen, which keeps its document position; the scale stays within limits. */
export function zoomedAt(
  viewport: Viewport,
  { point, factor, limits }: { readonly point: Point; readonly factor: number; readonly limits: ScaleLimits },
): Viewport {
  const scale = Math.min(Math.max(viewport.scale * factor, limits.min), limits.max);
  const fixed = toDocument(viewport, point);
  return { scale, origin: { x: fixed.x - point.x / scale, y: fixed.y - point.y / scale } };
}

/** Moved with a drag of the screen by `by` screen pixels: what was under the pointer stays under it. */
export function panned(viewport: Viewport, by: Point): Viewport {
  const { scale, origin } = viewport;
  return { scale, origin: { x: origin.x - by.x / scale, y: origin.y - by.y / scale } };
}

/** The whole area in the middle of the screen with `padding` screen pixels around it, never larger than `maxScale`. */
export function fitted(
  area: Bounds,
  {
    screen,
    padding,
    maxScale,
  }: { readonly screen: Size; readonly padding: number; readonly maxScale: number },
): Viewport {
  const width = Math.max(1, screen.width - 2 * padding);
  const height = Math.max(1, screen.height - 2 * padding);
  const scale = Math.min(width / area.width, height / area.height, maxScale);
  return {
    scale,
    origin: {
      x: area.left + (area.width - screen.width / scale) / 2,
      y: area.top + (area.height - screen.height / scale) / 2,
    },
  };
}

/** Moved as little as needed so that the document does not get lost: `margin` screen pixels of it stay in view. */
export function clamped(
  viewport: Viewport,
  { size, screen, margin }: { readonly size: Size; readonly screen: Size; readonly margin: number },
): Viewport {
  const { scale, origin } = viewport;
  const along = (start: number, length: number, view: number): number => {
    const kept = Math.min(margin, length * scale, view) / scale;
    return Math.min(Math.max(start, kept - view / scale), length - kept);
  };
  return {
    scale,
    origin: {
      x: along(origin.x, size.width, screen.width),
      y: along(origin.y, size.height, screen.height),
    },
  };
}
