import { EngineError } from '../errors.ts';
import type { Bounds, Size } from '../image/bounds.ts';
import type { ContextPolicy } from '../image/context.ts';
import { type FillPlacement, placeFill, type WorkingSizeChoice } from '../image/placement.ts';
import type { StableDiffusionDescription } from '../models/stable-diffusion.ts';

/** Pixels of one latent pixel along a side: both sides of what is drawn are multiples of it. */
export const latentPixelSide = 8;
/** Largest side that is drawn at: attention takes memory with the fourth power of it. */
export const maxDrawnSide = 2048;

const familySides = { sd1: 512, sd2: 768, sdxl: 1024, 'sdxl-refiner': 1024 } as const;

/** What a model was trained at, as its file says or as its family was. */
export function resolutionOf({ family, resolution }: StableDiffusionDescription): Size {
  const side = familySides[family];
  return resolution ?? { width: side, height: side };
}

/**
 * Sides of the sizes that SDXL was trained at (arXiv 2307.01952, appendix I): multiples of this, of about as many pixels as its
 * square. What is drawn at another size comes out worse, so one of them is chosen where none is asked for.
 */
const bucketSide = 64;

function sideMultiple({ family }: StableDiffusionDescription, workingSize: WorkingSizeChoice): number {
  const hasBuckets = family === 'sdxl' || family === 'sdxl-refiner';
  return hasBuckets && workingSize === 'auto' ? bucketSide : latentPixelSide;
}

export interface DrawingPlaceOptions {
  readonly canvas: Size;
  readonly policy: ContextPolicy;
  readonly workingSize: WorkingSizeChoice;
  readonly description: StableDiffusionDescription;
}

/** What of a canvas a model is shown to change some of it, and at what size. Throws `image-too-large`. */
export function placeDrawing(
  changed: Bounds,
  { canvas, policy, workingSize, description }: DrawingPlaceOptions,
): FillPlacement {
  const placement = placeFill(changed, {
    canvas,
    policy,
    workingSize,
    resolution: resolutionOf(description),
    multiple: sideMultiple(description, workingSize),
  });
  checkDrawnSize(placement.size);
  return placement;
}

function checkDrawnSize({ width, height }: Size): void {
  if (Math.max(width, height) <= maxDrawnSide) return;
  throw new EngineError(
    'image-too-large',
    `Expected at most ${maxDrawnSide} px a side to be drawn at, received ${width} x ${height} px.`,
    { hint: 'Use the working size `auto`, or a smaller context.' },
  );
}
