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

/**
 * How much of the surroundings a diffusion model is shown, from the mask's bounds alone. Once a context has a size, the
 * model's own working size decides how large the hole is for it (working-size.ts): a tighter context gives more detail,
 * a wider one more to go by.
 *
 * - `tight`: an eighth of the mask's longest side on each side. A small mask is enlarged up to four times (as A1111's
 *   "only masked", whose padding is 32 px, and Acly/krita-ai-diffusion's 6 % + 10 % of the diagonal below full strength).
 * - `auto`: half the longest side, so that the mask is half of the context's; enlarged at most twice. Padding as
 *   Acly/krita-ai-diffusion at full strength (half the mean side), whose least context is the model's whole side.
 * - `wide`: the longest side, so that the mask is a third of the context's; never enlarged.
 * - `whole`: the canvas.
 */
export const contextPolicies = ['tight', 'auto', 'wide', 'whole'] as const;
export type ContextPolicy = (typeof contextPolicies)[number];

/** The lengths that do not follow the mask follow the model: what 32 px are for 512 px, 8 px are for 128 px. */
interface DiffusionContextRule {
  /** Padding on each side, as a part of the mask's longest side. */
  readonly paddingRatio: number;
  /** Padding on each side at least, as a part of the model's side. */
  readonly minPaddingShare: number;
  /** Both sides at least, as a part of the model's side. */
  readonly minSideShare: number;
}

const diffusionContextRules: Readonly<Record<Exclude<ContextPolicy, 'whole'>, DiffusionContextRule>> = {
  tight: { paddingRatio: 1 / 8, minPaddingShare: 1 / 16, minSideShare: 1 / 4 },
  auto: { paddingRatio: 1 / 2, minPaddingShare: 1 / 8, minSideShare: 1 / 2 },
  wide: { paddingRatio: 1, minPaddingShare: 1 / 4, minSideShare: 1 },
};

/** No context is longer than this times its shorter side, where the canvas is wide enough: models know no strips. */
export const MAX_CONTEXT_ASPECT = 2;

export interface DiffusionContextOptions {
  readonly canvas: Size;
  readonly policy: ContextPolicy;
  /** The side of the square that has as many pixels as the model's native resolution. */
  readonly modelSide: number;
  /** The context will be computed on at its own size: then it is never smaller than the model's side. */
  readonly isNative?: boolean;
}

/**
 * The size of the context that `policy` asks for: at least the mask's, at most the canvas', both in whole pixels.
 *
 * @param mask Size of the mask's bounds, at most the canvas'.
 */
export function diffusionContextSize(mask: Size, options: DiffusionContextOptions): Size {
  const { canvas, policy, modelSide, isNative = false } = options;
  if (policy === 'whole') return { width: canvas.width, height: canvas.height };
  const rule = diffusionContextRules[policy];
  const longest = Math.max(mask.width, mask.height);
  const padding = Math.ceil(Math.max(longest * rule.paddingRatio, modelSide * rule.minPaddingShare));
  const minSide = Math.ceil(isNative ? modelSide : modelSide * rule.minSideShare);
  const width = Math.min(canvas.width, Math.max(minSide, mask.width + 2 * padding));
  const height = Math.min(canvas.height, Math.max(minSide, mask.height + 2 * padding));
  return {
    width: Math.min(canvas.width, Math.max(width, Math.ceil(height / MAX_CONTEXT_ASPECT))),
    height: Math.min(canvas.height, Math.max(height, Math.ceil(width / MAX_CONTEXT_ASPECT))),
  };
}
