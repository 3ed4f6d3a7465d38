/** What a fill and an expansion from a prompt have in common: a picture, and a mask of what is to be painted in it. */
import type { FillDiffusion, ModelReference } from '../api.ts';
import type { FillLayer } from '../fill/solve-fill.ts';
import type { Bounds } from '../image/bounds.ts';
import { matchColour } from '../image/colour-match.ts';
import { cropMask, cropPicture } from '../image/crop.ts';
import { type Mask, maxSample, type Picture } from '../image/picture.ts';
import { type FillPlacement, seamBandWidth } from '../image/placement.ts';
import { resampleMask } from '../image/resample.ts';
import { convertPicture } from '../image/samples.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { PipelineContext } from './context.ts';
import { type DecodedControl, drawnPart, mapControls } from './control-map.ts';
import { pictureOfImage } from './diffusion-picture.ts';
import { draw } from './draw.ts';
import { startFill } from './repaint.ts';
import { resizeDrawing } from './resize-drawing.ts';
import { latentPixelSide, placeDrawing } from './working-size.ts';

export type PaintedLayer = Omit<FillLayer, 'energy'>;

export interface PaintOptions {
  readonly model: StableDiffusionModel;
  readonly task: {
    readonly model: ModelReference;
    readonly diffusion: FillDiffusion;
    readonly seed: number;
    readonly count: number;
  };
  readonly context: PipelineContext;
  /** With pictures as large as the picture. */
  readonly controls: readonly DecodedControl[];
  /** Of the mask's pixels above 0, in the picture. */
  readonly bounds: Bounds;
  readonly deliver: (
    layer: PaintedLayer,
    picture: { readonly index: number; readonly seed: number },
  ) => Promise<void>;
}

/** Paints the masked part of the picture from a prompt, variation after variation. */
export async function paintMask(picture: Picture, mask: Mask, options: PaintOptions): Promise<void> {
  const { model, task, context, bounds, deliver } = options;
  const { diffusion: settings, seed, count } = task;
  const { strength, workingSize, context: policy } = settings;

  // 1. Cut out what the model is shown, at a size that it likes.
  const { description } = model;
  const placement = placeDrawing(bounds, { canvas: picture, policy, workingSize, description });
  const { context: area, size } = placement;
  // As diffusers does it, where nothing else comes between; else so that nothing of the hole is held.
  const sampling = workingSize === 'native' ? 'nearest' : 'covering';
  const place = { area, size };
  const shown = { picture: drawnPart(picture, place), mask: resampleMask(cropMask(mask, area), size) };
  const controls = await mapControls(options.controls, {
    shown,
    place,
    signal: context.signal,
    assistive: context.assistive,
  });

  // 2. Draw, and hand each variation over as soon as it is there.
  await draw({
    model,
    settings,
    size,
    strength,
    seed,
    count,
    context,
    bounds: area,
    isShownPicture: true,
    controls,
    start: (start) => startFill(model, shown, { ...start, settings, sampling, signal: context.signal }),
    deliver: async (image, variation) => {
      const { upscaler } = settings;
      const drawn = await resizeDrawing(pictureOfImage(image), area, { upscaler, context });
      await deliver(layerOf(drawn, { picture, mask, placement, bounds, settings }), variation);
    },
  });
}

interface Place {
  readonly picture: Picture;
  readonly mask: Mask;
  readonly placement: FillPlacement;
  readonly bounds: Bounds;
  readonly settings: FillDiffusion;
}

/** What was drawn, as large as the context, as a layer over the picture; where the mask is 0, the picture itself. */
function layerOf(drawing: Picture, { picture, mask, placement, bounds, settings }: Place): PaintedLayer {
  const { context } = placement;
  const { channels } = picture;
  const depth = maxSample(picture.data) === 255 ? 8 : 16;
  const source = cropPicture(picture, context);
  const maskInContext = cropMask(mask, context);
  const drawn = convertPicture(drawing, { channels, depth });
  const bandWidth = seamBandWidth(placement, latentPixelSide);
  // At its own size a picture comes as the model draws it, pixel for pixel.
  const matched =
    settings.workingSize === 'native'
      ? drawn
      : matchColour(drawn, { source, mask: maskInContext, bandWidth });
  const layer: Picture = { ...source, data: matched.data.slice() };
  for (const [pixel, value] of maskInContext.data.entries()) {
    if (value !== 0) continue;
    const at = pixel * channels;
    layer.data.set(source.data.subarray(at, at + channels), at);
  }
  const inContext = { ...bounds, left: bounds.left - context.left, top: bounds.top - context.top };
  return { fill: cropPicture(layer, inContext), bounds, mask: cropMask(mask, bounds) };
}
