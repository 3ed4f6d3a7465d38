import type { VaryTask } from '../api.ts';
import { boundsOf } from '../image/bounds.ts';
import { decode } from '../image/codec.ts';
import { hasAlpha, maxSample, type Picture } from '../image/picture.ts';
import { resamplePicture } from '../image/resample.ts';
import { convertPicture } from '../image/samples.ts';
import type { PipelineContext } from './context.ts';
import { decodeControls, mapControls } from './control-map.ts';
import { openControls } from './controls.ts';
import { deliverPicture } from './deliver.ts';
import { pictureOfImage } from './diffusion-picture.ts';
import { draw } from './draw.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';
import { startVariation } from './repaint.ts';
import { resizeDrawing } from './resize-drawing.ts';
import { placeDrawing } from './working-size.ts';

/** Draws a picture anew from a prompt, as near to what it was as the strength leaves it; `count` times, seed by seed. */
export async function runVary(task: VaryTask, context: PipelineContext): Promise<void> {
  const { diffusion, seed, count } = task;
  const { strength } = diffusion;
  const { signal, onProgress } = context;

  // 1. Check what was asked for.
  onProgress('loading', 0, 1);
  const model = await openDiffusionModel(task, context);
  const opened = await openControls(diffusion.controls, model, context);

  // 2. Decode, and bring it to a size that the model likes.
  onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const { size } = placeDrawing(boundsOf(picture), {
    canvas: picture,
    policy: 'whole',
    workingSize: diffusion.workingSize,
    description: model.description,
  });
  const shown = resamplePicture(picture, size);
  const controls = await mapControls(await decodeControls(opened, { source: picture }), {
    shown: { picture: shown },
    place: { size },
    signal,
    assistive: context.assistive,
  });

  // 3. Draw, and hand each variation over as soon as it is there.
  await draw({
    model,
    settings: diffusion,
    size,
    strength,
    seed,
    count,
    context,
    bounds: boundsOf(picture),
    isShownPicture: true,
    controls,
    start: (options) => startVariation(model, shown, { ...options, settings: diffusion, signal }),
    deliver: async (image, variation) => {
      const { upscaler } = diffusion;
      const drawn = await resizeDrawing(pictureOfImage(image), picture, { upscaler, context });
      await deliverPicture(inFormatOf(picture, drawn), { task, context, ...variation });
    },
  });
}

/** The drawn colours in the source's channels and depth, under its own alpha. */
function inFormatOf(source: Picture, drawn: Picture): Picture {
  const { channels } = source;
  const { data } = convertPicture(drawn, { channels, depth: maxSample(source.data) === 255 ? 8 : 16 });
  if (hasAlpha(channels)) {
    for (let i = channels - 1; i < data.length; i += channels) data[i] = source.data[i]!;
  }
  return { ...source, data };
}
