import { EngineError } from '../errors.ts';
import type { Bounds } from '../image/bounds.ts';
import { extendCanvas, extensionMask, type Margins } from '../image/crop.ts';
import type { Picture } from '../image/picture.ts';
import { deriveKey } from '../random/keyed-hash.ts';
import { fillPicture } from './fill-picture.ts';
import type { FillOptions } from './solve-fill.ts';

/** A margin of more than this share of its side is grown in steps of `STEP_SHARE`: far from all that is known, a fill repeats itself. */
const MAX_SHARE_AT_ONCE = 0.25;
const STEP_SHARE = 0.2;

/** No step is made smaller than this. */
const MIN_STEP = 8;

const sides = ['left', 'right', 'top', 'bottom'] as const;

/**
 * Grows the canvas and continues the picture into the new margins, all sides at once, from the picture outwards. The
 * picture's own pixels keep every bit.
 *
 * @param margins Whole pixels >= 0, at least one of them not 0.
 * @returns A picture of the source's format, larger by the margins.
 * @throws EngineError 'invalid-option' for margins; otherwise as `fillPicture`.
 */
export async function expandPicture(
  picture: Picture,
  margins: Margins,
  options: FillOptions,
): Promise<Picture> {
  for (const side of sides) {
    if (!Number.isInteger(margins[side]) || margins[side] < 0) {
      throw new EngineError(
        'invalid-option',
        `Expected whole pixels of 0 or more for ${side}, received ${margins[side]}`,
      );
    }
  }
  const steps = planSteps(picture, margins);
  if (steps.length === 0) {
    throw new EngineError('invalid-option', 'Expected at least one margin above 0, received 0 for all four');
  }
  let result = picture;
  // Where the picture so far will lie in the finished one.
  let left = margins.left;
  let top = margins.top;
  for (const [index, step] of steps.entries()) {
    left -= step.left;
    top -= step.top;
    result = await fillPicture(extendCanvas(result, step), extensionMask(result, step), {
      ...options,
      seed: deriveKey(options.seed, index),
      grownFrom: { left: step.left, top: step.top, width: result.width, height: result.height },
      ...partialReports(options, { index, count: steps.length, left, top }),
    });
  }
  return result;
}

/** Progress and previews of one step as those of the whole. */
function partialReports(
  { onProgress, onPreview }: FillOptions,
  part: { readonly index: number; readonly count: number; readonly left: number; readonly top: number },
): Pick<FillOptions, 'onProgress' | 'onPreview'> {
  const { index, count, left, top } = part;
  return {
    ...(onProgress && {
      onProgress: (step: number, steps: number) =>
        onProgress(Math.floor((index + step / steps) * PROGRESS_UNITS), count * PROGRESS_UNITS),
    }),
    ...(onPreview && {
      onPreview: (fill: Picture, bounds: Bounds) =>
        onPreview(fill, { ...bounds, left: bounds.left + left, top: bounds.top + top }),
    }),
  };
}

/** Steps of the whole that each of its parts counts for, as parts have different numbers of their own. */
const PROGRESS_UNITS = 100;

function planSteps(picture: Picture, margins: Margins): Margins[] {
  const steps: Margins[] = [];
  let { width, height } = picture;
  let rest = margins;
  while (sides.some((side) => rest[side] > 0)) {
    const stepOf = (margin: number, side: number) =>
      margin <= MAX_SHARE_AT_ONCE * side
        ? margin
        : Math.min(margin, Math.max(Math.floor(STEP_SHARE * side), MIN_STEP));
    const step: Margins = {
      left: stepOf(rest.left, width),
      right: stepOf(rest.right, width),
      top: stepOf(rest.top, height),
      bottom: stepOf(rest.bottom, height),
    };
    steps.push(step);
    width += step.left + step.right;
    height += step.top + step.bottom;
    rest = {
      left: rest.left - step.left,
      right: rest.right - step.right,
      top: rest.top - step.top,
      bottom: rest.bottom - step.bottom,
    };
  }
  return steps;
}
