import { type Bounds, grow, type Size } from './geometry.ts';

/** Surroundings on each side, as a part of the selection's longest side. */
const PADDING_RATIO = 2;
/** Surroundings on each side at least, in pixels: a small spot needs whole features around it. */
const MIN_PADDING = 192;

/**
 * The area that travels to the engine with a selection: its bounds grown by twice their longest side, at least 192 px,
 * on each side. At an edge of the canvas it is shifted inside with its size kept, and cut only where it is larger than
 * the canvas. It is the area that the engine's fill reads itself, so sending more changes nothing.
 *
 * @param selectionBounds Inside the canvas.
 * @param options `minPadding`: more of the surroundings than those 192 px. A model that draws from words may be shown as
 * many pixels as it was trained at, however small the selection.
 */
export function contextBounds(
  selectionBounds: Bounds,
  { canvas, minPadding = 0 }: { readonly canvas: Size; readonly minPadding?: number },
): Bounds {
  const longest = Math.max(selectionBounds.width, selectionBounds.height);
  const padding = Math.max(MIN_PADDING, minPadding, longest * PADDING_RATIO);
  const grown = grow(selectionBounds, padding);
  const width = Math.min(grown.width, canvas.width);
  const height = Math.min(grown.height, canvas.height);
  return {
    left: Math.min(Math.max(grown.left, 0), canvas.width - width),
    top: Math.min(Math.max(grown.top, 0), canvas.height - height),
    width,
    height,
  };
}
