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

/** A working size that is asked for by its numbers has sides within these, in pixels. */
export const workingSideLimits = { min: 64, max: 4096 } as const;

/** No working size is longer than this times the model's longer side, however thin the context. */
const MAX_STRETCH = 2;

/**
 * The sizes of a network that was trained at one resolution: as many pixels as that has, in any shape (as
 * invoke-ai/InvokeAI scales its bounding box). So a step costs the same whatever the context.
 */
export function limitsOfResolution(resolution: Size, multiple: number): SizeLimits {
  const pixels = resolution.width * resolution.height;
  const maxSide = MAX_STRETCH * Math.max(resolution.width, resolution.height);
  return { minSide: multiple, maxSide, minPixels: pixels, maxPixels: pixels, multiple };
}

/**
 * Guards a working size given in numbers.
 *
 * @throws EngineError 'invalid-option' where a side is no multiple or beyond `workingSideLimits`.
 */
export function requireWorkingSize(size: Size, multiple: number): void {
  const { min, max } = workingSideLimits;
  for (const side of [size.width, size.height]) {
    if (Number.isInteger(side / multiple) && side >= min && side <= max) continue;
    throw new EngineError(
      'invalid-option',
      `Expected a working size with sides of ${min} to ${max} px that are multiples of ${multiple}, received ${size.width} x ${size.height}`,
    );
  }
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
