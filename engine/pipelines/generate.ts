import type { GenerateTask } from '../api.ts';
import { boundsOf, type Size } from '../image/bounds.ts';
import type { Picture } from '../image/picture.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { PipelineContext } from './context.ts';
import { decodeControls, mapControls } from './control-map.ts';
import { openControls } from './controls.ts';
import { deliverPicture } from './deliver.ts';
import { pictureOfImage } from './diffusion-picture.ts';
import { draw, elementsOf, type Start, type StartOptions, startingNoise } from './draw.ts';
import { planDrawing, requireFit } from './drawing-plan.ts';
import { type Pass, passesOf } from './high-resolution.ts';
import { emptyHint } from './inpainting-hint.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';
import { startVariation } from './repaint.ts';
import { resizeDrawing } from './resize-drawing.ts';

/** Draws pictures from words; `count` of them, seed by seed. */
export async function runGenerate(task: GenerateTask, context: PipelineContext): Promise<void> {
  const { width, height, seed, count } = task;
  const { upscaler } = task.diffusion;
  const { signal, onProgress } = context;

  // 1. Check what was asked for, the larger pass before the smaller one is drawn.
  onProgress('loading', 0, 1);
  const model = await openDiffusionModel(task, context);
  const opened = await openControls(task.diffusion.controls, model, context);
  const [first, second] = passesOf(task, model.description);
  if (second !== undefined) requireFit(planDrawing(model, { ...second, count, steps: 1, controls: opened }));
  const decoded = await decodeControls(opened, { drawing: { width, height } });
  const mapped = ({ size }: Pass) =>
    mapControls(decoded, {
      place: { size },
      signal,
      assistive: context.assistive,
    });
  const common = { model, seed, count, context, bounds: boundsOf({ width, height }) };

  // 2. Draw from noise. Where that is all, hand each picture over as soon as it is there.
  const drawnFirst: Picture[] = [];
  await draw({
    ...common,
    ...first,
    controls: await mapped(first),
    start: (options) => startFromNothing(model, first.size, { ...options, signal }),
    deliver: async (image, picture) => {
      const drawn = pictureOfImage(image);
      if (second !== undefined) drawnFirst.push(drawn);
      else await deliverPicture(drawn, { task, context, ...picture });
    },
  });
  if (second === undefined) return;

  // 3. Enlarge what was drawn small, and draw over it: noise of the same seeds again.
  await draw({
    ...common,
    ...second,
    controls: await mapped(second),
    phase: 'refining',
    start: async (options) => {
      const enlarged = await resizeDrawing(drawnFirst[options.index]!, second.size, { upscaler, context });
      return startVariation(model, enlarged, { ...options, settings: second, signal });
    },
    deliver: (image, picture) => deliverPicture(pictureOfImage(image), { task, context, ...picture }),
  });
}

/** Noise alone; an inpainting model is told besides that everything is to be painted. */
async function startFromNothing(
  model: StableDiffusionModel,
  size: Size,
  { signal, ...options }: StartOptions & { readonly signal: AbortSignal },
): Promise<Start> {
  const latents = startingNoise(elementsOf(model.latentShape(size)), options);
  if (model.description.variant !== 'inpainting') return { latents };
  return { latents, shown: await emptyHint(model, { ...size, noise: options.noise, signal }) };
}
