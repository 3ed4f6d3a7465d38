import type { GenerateTask } from '../api.ts';
import { boundsOf } from '../image/bounds.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture } from './deliver.ts';
import { pictureOfImage } from './diffusion-picture.ts';
import { draw, elementsOf, startingNoise } from './draw.ts';
import { emptyHint } from './inpainting-hint.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';

/** Draws pictures from words; `count` of them, seed by seed. */
export async function runGenerate(task: GenerateTask, context: PipelineContext): Promise<void> {
  // 1. Check what was asked for.
  context.onProgress('loading', 0, 1);
  const model = await openDiffusionModel(task, context);
  const isInpainting = model.description.variant === 'inpainting';

  // 2. Draw from noise, and hand each picture over as soon as it is there.
  const { width, height, diffusion, seed, count } = task;
  const size = { width, height };
  await draw({
    model,
    settings: diffusion,
    size,
    strength: 1,
    seed,
    count,
    context,
    bounds: boundsOf(size),
    isShownPicture: isInpainting,
    start: async (options) => {
      const latents = startingNoise(elementsOf(model.latentShape(size)), options);
      const encoding = { noise: options.noise, signal: context.signal };
      return { latents, ...(isInpainting && { shown: await emptyHint(model, { ...size, ...encoding }) }) };
    },
    deliver: (image, picture) => deliverPicture(pictureOfImage(image), { task, context, ...picture }),
  });
}
