import type { FillDiffusion, FillTask, WorkingSize } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { FillLayer } from '../fill/solve-fill.ts';
import { type Bounds, maskBounds } from '../image/bounds.ts';
import { decode, decodeMask } from '../image/codec.ts';
import { matchColour } from '../image/colour-match.ts';
import { cropMask, cropPicture } from '../image/crop.ts';
import { type Mask, maxSample, type Picture } from '../image/picture.ts';
import { type FillPlacement, placeFill, seamBandWidth } from '../image/placement.ts';
import { resampleMask, resamplePicture } from '../image/resample.ts';
import { convertPicture } from '../image/samples.ts';
import type { Tensor } from '../runtime/session.ts';
import type { PipelineContext } from './context.ts';
import { deliverFill } from './deliver-fill.ts';
import { pictureOfImage } from './diffusion-picture.ts';
import { draw } from './draw.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';
import { startFill } from './repaint.ts';
import { checkDrawnSize, latentPixelSide, resolutionOf } from './working-size.ts';

export type PromptFillTask = FillTask & { readonly diffusion: FillDiffusion };

/** Fills the white area of the mask from a prompt, with a diffusion model; `count` variations, seed by seed. */
export async function runPromptFill(task: PromptFillTask, context: PipelineContext): Promise<void> {
  const { diffusion, seed, count } = task;
  const { strength } = diffusion;
  const { signal, onProgress } = context;

  // 1. Check what was asked for.
  onProgress('loading', 0, 1);
  const model = await openDiffusionModel(task, context);

  // 2. Decode.
  onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const mask = await decodeMask(task.mask, picture);
  const bounds = maskBounds(mask);
  if (bounds === null) {
    throw new EngineError('mask-empty', 'Expected a mask with white in it, received one black throughout');
  }

  // 3. Cut out what the model is shown, at a size that it likes.
  const { workingSize, context: policy } = diffusion;
  const placement = placeFill(bounds, {
    canvas: picture,
    policy,
    workingSize,
    resolution: resolutionOf(model.description),
    multiple: latentPixelSide,
  });
  const { context: area, size } = placement;
  checkDrawnSize(size);
  // As diffusers does it, where nothing else comes between; else so that nothing of the hole is held.
  const sampling = workingSize === 'native' ? 'nearest' : 'covering';
  const shown = {
    picture: resamplePicture(cropPicture(picture, area), size),
    mask: resampleMask(cropMask(mask, area), size),
  };

  // 4. Draw, and hand each variation over as soon as it is there.
  await draw({
    model,
    settings: diffusion,
    size,
    strength,
    seed,
    count,
    context,
    bounds: area,
    start: (options) => startFill(model, shown, { ...options, strength, sampling, signal }),
    deliver: async (image, variation) => {
      const layer = layerOf(image, { picture, mask, placement, bounds, workingSize });
      await deliverFill(layer, { task, context, picture, ...variation });
    },
  });
}

interface Place {
  readonly picture: Picture;
  readonly mask: Mask;
  readonly placement: FillPlacement;
  /** Of the mask, in the picture. */
  readonly bounds: Bounds;
  readonly workingSize: WorkingSize;
}

/** What was drawn as a layer over the picture, in its format; where the mask is 0, the picture itself. */
function layerOf(
  image: Tensor,
  { picture, mask, placement, bounds, workingSize }: Place,
): Omit<FillLayer, 'energy'> {
  const { context } = placement;
  const { channels } = picture;
  const depth = maxSample(picture.data) === 255 ? 8 : 16;
  const source = cropPicture(picture, context);
  const maskInContext = cropMask(mask, context);
  const drawn = convertPicture(resamplePicture(pictureOfImage(image), context), { channels, depth });
  const bandWidth = seamBandWidth(placement, latentPixelSide);
  // At its own size a picture comes as the model draws it, pixel for pixel.
  const matched =
    workingSize === 'native' ? drawn : matchColour(drawn, { source, mask: maskInContext, bandWidth });
  const layer: Picture = { ...source, data: matched.data.slice() };
  for (const [pixel, value] of maskInContext.data.entries()) {
    if (value !== 0) continue;
    const at = pixel * channels;
    layer.data.set(source.data.subarray(at, at + channels), at);
  }
  const inContext = { ...bounds, left: bounds.left - context.left, top: bounds.top - context.top };
  return { fill: cropPicture(layer, inContext), bounds, mask: cropMask(mask, bounds) };
}
