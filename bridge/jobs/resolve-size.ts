/** The size of a picture from words: as asked, as its control images are shaped, or as the model likes it. */
import type { ModelInfo } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';
import {
  generateSideMultiple,
  type Limits,
  maxProportionError,
  minGenerateSide,
} from '../protocol/limits.ts';
import type { GenerateRequest, ImageOutline } from '../protocol/messages.ts';
import { controlImageOf, type Size, sizeOf } from './check-images.ts';
import { checkSide } from './check-numbers.ts';
import { controlLabel } from './resolve-controls.ts';
import { resolutionOf } from './resolve-diffusion.ts';

export interface SizeOptions {
  readonly model: ModelInfo;
  readonly images: readonly ImageOutline[];
  readonly limits: Limits;
}

/**
 * Throws `invalid-option` for a size that cannot be drawn, for one that the control images do not have the proportions of, and
 * where it is to follow an image of unknown size.
 */
export function resolveSize(
  request: Pick<GenerateRequest, 'width' | 'height' | 'controls'>,
  { model, images, limits }: SizeOptions,
): Size {
  const { width, height, controls = [] } = request;
  const shown = controls.map((control, index) => {
    const image = controlImageOf(control, images);
    return { label: controlLabel(control, index), size: image && sizeOf(image) };
  });
  const [first] = shown;
  const isTold = width !== undefined && height !== undefined;
  if (!isTold && first !== undefined && first.size === undefined) {
    throw new EngineError(
      'invalid-option',
      `Expected \`width\` and \`height\`, or the size of the image of ${first.label}, which they follow where they are left out, received neither.`,
    );
  }
  const usual = resolutionOf(model);
  const followed =
    first?.size === undefined
      ? usual
      : sizeLike(first.size, { width, height, area: usual.width * usual.height, limits });
  const size = { width: width ?? followed.width, height: height ?? followed.height };
  for (const [name, side] of Object.entries(size)) checkSide(name, side, limits);
  for (const { label, size: image } of shown) {
    if (image === undefined || proportionError(size, image) <= errorAllowed(size)) continue;
    const like = sizeLike(image, { area: size.width * size.height, limits });
    throw new EngineError(
      'invalid-option',
      `Expected the image of ${label} to have the proportions of the picture, ${size.width} × ${size.height}, received ${image.width} × ${image.height}.`,
      { hint: `Ask for ${like.width} × ${like.height} pixels, or leave the size out.` },
    );
  }
  return size;
}

interface LikeOptions {
  /** Where one side is given the other follows it. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** About as many pixels. */
  readonly area: number;
  readonly limits: Limits;
}

/** How far the area may be off what was wanted, so that the proportions are right, as a factor. */
const areaRange = 1.35;

/**
 * A size that can be drawn, in the proportions of an image: of those that are within what they may be off, the one
 * nearest to the area; where none is, the one with the smallest error.
 */
export function sizeLike({ width, height }: Size, { limits, area, ...given }: LikeOptions): Size {
  const ratio = width / height;
  if (given.width !== undefined)
    return { width: given.width, height: drawnSide(given.width / ratio, limits) };
  if (given.height !== undefined)
    return { width: drawnSide(given.height * ratio, limits), height: given.height };
  const ideal = Math.sqrt(area / ratio);
  let best = { width: drawnSide(ideal * ratio, limits), height: drawnSide(ideal, limits) };
  let least = costOf(best, { width, height }, area);
  const highest = Math.min(limits.maxGenerateSide, ideal * Math.sqrt(areaRange));
  for (
    let side = drawnSide(ideal / Math.sqrt(areaRange), limits);
    side <= highest;
    side += generateSideMultiple
  ) {
    const size = { width: drawnSide(side * ratio, limits), height: side };
    const cost = costOf(size, { width, height }, area);
    if (cost >= least) continue;
    best = size;
    least = cost;
  }
  return best;
}

/** An error that may be counts nothing, one beyond that more than any area. */
function costOf(size: Size, image: Size, area: number): number {
  const beyond = Math.max(0, proportionError(size, image) - maxProportionError);
  return 1_000 * beyond + Math.abs(Math.log((size.width * size.height) / area));
}

function drawnSide(side: number, { maxGenerateSide }: Limits): number {
  const rounded = Math.round(side / generateSideMultiple) * generateSideMultiple;
  return Math.min(Math.max(rounded, minGenerateSide), maxGenerateSide);
}

/** How much wider one is for its height than the other, as a share; 0 = of the same proportions. */
export function proportionError(size: Size, image: Size): number {
  const [a, b] = [size.width * image.height, size.height * image.width];
  return Math.abs(a - b) / Math.min(a, b);
}

/** Of a small picture half a step of a side is more than the share. */
function errorAllowed({ width, height }: Size): number {
  return Math.max(maxProportionError, generateSideMultiple / 2 / Math.min(width, height));
}
