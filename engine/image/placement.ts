/**
 * Where a text-guided fill happens: which part of the picture the model is shown, and how large it sees it. A fill goes
 *
 *  1. `compositeMask(mask, { feather, bounds })`: what will be laid over the picture, and what the model is to draw.
 *  2. `placeFill(maskBounds(composite), …)`: context and working size (all that an estimate needs, too).
 *  3. `cropPicture`, `cropMask` with `context`: source and mask at the place.
 *  4. `resamplePicture`, `resampleMask` to `size`: both at the working size; `prefillHole` where the start is not noise.
 *  5. Draw. A model with channels for it: `thresholdMask(mask, 127)` hides the hole of the masked image, its `nearest`
 *     `latentMask` is the mask channel, as in training. Any other: `covering` `latentMask` of the soft mask,
 *     `startCalls`, and `keepKnown` after each call.
 *  6. `resamplePicture` of what was drawn to the context's size, after an upscaler where `enlargementOf` is large.
 *  7. `convertPicture` to the source's format, `matchColour` to the source at the place.
 *  8. `compositeOver(picture, { fill, mask, at: context })`.
 *
 * At the `native` working size the model gets the user's mask itself, `nearest`, and 7 is left out: then the hole's pixels
 * are those that diffusers' inpainting pipeline draws.
 *
 * An expand is the same fill on `extendCanvas` with `extensionMask`, feather 0.
 */
import { EngineError } from '../errors.ts';
import { type Bounds, boundsOf, clampInto, intersect, isEmpty, type Size } from './bounds.ts';
import { type ContextPolicy, diffusionContextSize } from './context.ts';
import { limitsOfResolution, requireWorkingSize, workingSize } from './working-size.ts';

/**
 * `auto`: as many pixels as the model's native resolution, in the context's shape. `native`: the context's own size,
 * nothing resampled. Or a size in pixels, whose shape the context then takes where the canvas is large enough.
 */
export type WorkingSizeChoice = 'auto' | 'native' | Size;

export interface PlacementOptions {
  readonly canvas: Size;
  readonly policy: ContextPolicy;
  readonly workingSize: WorkingSizeChoice;
  /** What the model was trained at, for example 512 x 512 px. */
  readonly resolution: Size;
  /** Both sides of the working size are multiples of this: pixels of one latent pixel, or more where a network asks. */
  readonly multiple: number;
}

export interface FillPlacement {
  /** The part of the canvas that the model is shown; contains the mask. */
  readonly context: Bounds;
  /** How large the model sees it. */
  readonly size: Size;
}

/**
 * Context and working size together, because each shapes the other: the context is grown to the working size's aspect
 * where the canvas allows, so that nothing is stretched, and at `native` to whole multiples, so that nothing is
 * resampled. Where it does not (a whole picture, a context cut by the canvas), the aspect is off by the rounding to `multiple`, or
 * by as much as the asked size differs from the canvas.
 *
 * @param maskBounds Bounds of the pixels to change; what hangs over the canvas does not count.
 * @throws EngineError 'mask-empty' where nothing lies on the canvas; 'invalid-option' for a size (`requireWorkingSize`).
 */
export function placeFill(maskBounds: Bounds, options: PlacementOptions): FillPlacement {
  const { canvas, policy, resolution, multiple } = options;
  const changed = intersect(maskBounds, boundsOf(canvas));
  if (isEmpty(changed)) {
    throw new EngineError('mask-empty', 'Expected a mask with pixels on the canvas, received none there');
  }
  const isNative = options.workingSize === 'native';
  const modelSide = Math.sqrt(resolution.width * resolution.height);
  const wanted = diffusionContextSize(changed, { canvas, policy, modelSide, isNative });

  if (options.workingSize === 'native') {
    const fitted = policy === 'whole' ? wanted : wholeMultiples(wanted, { changed, canvas, multiple });
    return { context: around(changed, fitted, canvas), size: roundDown(fitted, multiple) };
  }
  if (options.workingSize !== 'auto') requireWorkingSize(options.workingSize, multiple);
  const size =
    options.workingSize === 'auto'
      ? workingSize(wanted, limitsOfResolution(resolution, multiple))
      : { width: options.workingSize.width, height: options.workingSize.height };
  const fitted = policy === 'whole' ? wanted : grownToAspect(wanted, size, canvas);
  return { context: around(changed, fitted, canvas), size };
}

/** How many pixels of the context one drawn pixel becomes along a side; the larger of the two. Below 1: a reduction. */
export function enlargementOf({ context, size }: FillPlacement): number {
  return Math.max(context.width / size.width, context.height / size.height);
}

/** A band along the seam is at least this wide, in pixels of the context. */
const MIN_SEAM_BAND = 4;

/**
 * How wide the band along a seam is that shows what the model made of known pixels: one latent pixel, as far as the
 * drawing reaches over the mask's edge.
 */
export function seamBandWidth(placement: FillPlacement, latentPixelSide: number): number {
  return Math.max(MIN_SEAM_BAND, Math.ceil(latentPixelSide * enlargementOf(placement)));
}

/** Never smaller than `wanted`, except at the canvas' edge. */
function grownToAspect(wanted: Size, aspect: Size, canvas: Size): Size {
  const scale = Math.max(wanted.width / aspect.width, wanted.height / aspect.height);
  return {
    width: Math.min(canvas.width, Math.round(aspect.width * scale)),
    height: Math.min(canvas.height, Math.round(aspect.height * scale)),
  };
}

function wholeMultiples(
  wanted: Size,
  { changed, canvas, multiple }: { readonly changed: Size; readonly canvas: Size; readonly multiple: number },
): Size {
  const fit = (side: number, limits: { readonly least: number; readonly most: number }) => {
    const above = Math.ceil(side / multiple) * multiple;
    if (above <= limits.most) return above;
    const below = above - multiple;
    return below >= limits.least ? below : side;
  };
  return {
    width: fit(wanted.width, { least: Math.max(changed.width, multiple), most: canvas.width }),
    height: fit(wanted.height, { least: Math.max(changed.height, multiple), most: canvas.height }),
  };
}

/** To multiples, at least one: as diffusers' VaeImageProcessor takes a picture of any size. */
function roundDown(size: Size, multiple: number): Size {
  const fit = (side: number) => Math.max(1, Math.floor(side / multiple)) * multiple;
  return { width: fit(size.width), height: fit(size.height) };
}

/** Bounds of that size with the mask in their middle, shifted into the canvas. */
function around(changed: Bounds, { width, height }: Size, canvas: Size): Bounds {
  const left = changed.left - Math.floor((width - changed.width) / 2);
  const top = changed.top - Math.floor((height - changed.height) / 2);
  return clampInto({ left, top, width, height }, canvas);
}
