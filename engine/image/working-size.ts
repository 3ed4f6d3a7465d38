import { EngineError } from '../errors.ts';
import type { Size } from './bounds.ts';

/** The sizes at which a model works well, in pixels. */
export interface SizeLimits {
  readonly minSide: number;
  readonly maxSide: number;
  readonly minPixels: number;
  readonly maxPixels: number;
  /** Both sides must be a multiple of this (8 for an 8x autoencoder, 16 or 64 for some networks). */
  readonly multiple: number;
}

/**
 * The size a model computes at for a context of the given size: the one nearest to the context's own that the limits
 * allow, in the context's aspect ratio up to the rounding of the shorter side to `multiple` (half a multiple; a strip
 * thinner than that gets one multiple). Where two sizes are equally near, the larger, which loses no detail.
 *
 * The maxima bound memory and always hold. The minima bound quality, and give way where both cannot hold (a strip
 * whose shorter side reaches `minSide` only when its longer one passes `maxSide`): then it is the largest size that
 * the maxima allow.
 *
 * Integer arithmetic throughout: every candidate for the longer side is tried, which are at most
 * `maxSide / multiple`, so no rounded square root can step over a limit.
 *
 * @throws EngineError 'invalid-option' when not even one multiple fits the maxima.
 */
export function workingSize(context: Size, limits: SizeLimits): Size {
  const { multiple } = limits;
  const landscape = context.width >= context.height;
  const longSide = landscape ? context.width : context.height;
  const shortSide = landscape ? context.height : context.width;

  let best: { readonly long: number; readonly short: number } | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  let largest: typeof best;
  for (let long = multiple; long <= limits.maxSide; long += multiple) {
    const short = Math.max(1, Math.round((long * shortSide) / (longSide * multiple))) * multiple;
    if (long * short > limits.maxPixels) break;
    largest = { long, short };
    if (short < limits.minSide || long * short < limits.minPixels) continue;
    const distance = Math.abs(long - longSide);
    if (distance <= bestDistance) {
      best = largest;
      bestDistance = distance;
    }
  }
  const chosen = best ?? largest;
  if (chosen === undefined) {
    throw new EngineError(
      'invalid-option',
      `Expected size limits that allow at least ${multiple} x ${multiple} px, received maxSide ${limits.maxSide}, maxPixels ${limits.maxPixels}`,
    );
  }
  return landscape
    ? { width: chosen.long, height: chosen.short }
    : { width: chosen.short, height: chosen.long };
}
