import { type Bounds, clampInto, grow, type Size } from './bounds.ts';

/** How much of the surroundings a fill is shown. */
export interface ContextRule {
  /** Padding on each side, as a part of the mask's longest side. */
  readonly paddingRatio: number;
  /** Padding on each side at least, in pixels. */
  readonly minPadding: number;
}

/**
 * For a fill that copies its texture from the context. The ratio follows the *longest* side on both axes, so the
 * context of a thin selection is squarer than the selection, which the closest peers reach by a mode of its own
 * (Acly/krita-ai-diffusion, resolution.py). Twice on each side gives twenty-four times a square mask's area to choose
 * from; a network needs less, because it invents what it does not see.
 */
export const patchMatchContext: ContextRule = {
  paddingRatio: 2,
  /** A small spot needs whole features of its surroundings (a brick, an eye), not its own size's worth. */
  minPadding: 192,
};

/**
 * The rectangle of the canvas that a fill computes on, so that its cost follows the mask and not the picture.
 * At an edge the rectangle is shifted inside with its size kept, and cut only where it is larger than the canvas.
 *
 * @param maskBounds Bounds of the pixels to change, inside the canvas.
 * @param options `canvas` in pixels; `rule` by default that of the PatchMatch fill.
 * @returns Bounds inside the canvas that contain `maskBounds`.
 */
export function contextBounds(
  maskBounds: Bounds,
  options: { readonly canvas: Size; readonly rule?: ContextRule },
): Bounds {
  const { paddingRatio, minPadding } = options.rule ?? patchMatchContext;
  const longest = Math.max(maskBounds.width, maskBounds.height);
  const padding = Math.max(minPadding, Math.ceil(longest * paddingRatio));
  return clampInto(grow(maskBounds, padding), options.canvas);
}
