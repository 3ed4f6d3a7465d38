import { type Bounds, bottomOf, type Point, rightOf } from '../../shared/picture/geometry.ts';
import { toScreen, type Viewport } from '../document/viewport.ts';

/** What can be dragged of the frame by which a canvas is expanded. */
export type ExpandHandle =
  | 'left'
  | 'top'
  | 'right'
  | 'bottom'
  | 'top-left'
  | 'top-right'
  | 'bottom-left'
  | 'bottom-right';

/** How near a pointer must be, in screen pixels: half of a comfortable touch target. */
const TOLERANCE = 14;

/** Where the handles are on the screen; corners first, for they win where a frame is small. */
export function handlePositions(
  frame: Bounds,
  viewport: Viewport,
): readonly (Point & { readonly handle: ExpandHandle })[] {
  const from = toScreen(viewport, { x: frame.left, y: frame.top });
  const to = toScreen(viewport, { x: rightOf(frame), y: bottomOf(frame) });
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return [
    { handle: 'top-left', x: from.x, y: from.y },
    { handle: 'top-right', x: to.x, y: from.y },
    { handle: 'bottom-left', x: from.x, y: to.y },
    { handle: 'bottom-right', x: to.x, y: to.y },
    { handle: 'left', x: from.x, y: middle.y },
    { handle: 'top', x: middle.x, y: from.y },
    { handle: 'right', x: to.x, y: middle.y },
    { handle: 'bottom', x: middle.x, y: to.y },
  ];
}

/** The handle at a screen point: a corner, or anywhere along a side; null away from the frame. */
export function handleAt(frame: Bounds, viewport: Viewport, point: Point): ExpandHandle | null {
  const near = handlePositions(frame, viewport).find(
    ({ x, y }) => Math.abs(point.x - x) <= TOLERANCE && Math.abs(point.y - y) <= TOLERANCE,
  );
  if (near) return near.handle;
  const from = toScreen(viewport, { x: frame.left, y: frame.top });
  const to = toScreen(viewport, { x: rightOf(frame), y: bottomOf(frame) });
  const insideX = point.x >= from.x - TOLERANCE && point.x <= to.x + TOLERANCE;
  const insideY = point.y >= from.y - TOLERANCE && point.y <= to.y + TOLERANCE;
  if (insideY && Math.abs(point.x - from.x) <= TOLERANCE) return 'left';
  if (insideY && Math.abs(point.x - to.x) <= TOLERANCE) return 'right';
  if (insideX && Math.abs(point.y - from.y) <= TOLERANCE) return 'top';
  if (insideX && Math.abs(point.y - to.y) <= TOLERANCE) return 'bottom';
  return null;
}
