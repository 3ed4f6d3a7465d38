import type { GenerateTask } from '../api.ts';
import { EngineError } from '../errors.ts';
import { boundsOf } from '../image/bounds.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture } from './deliver.ts';
import { denoise, requireFinite } from './denoise.ts';
import { pictureOfImage } from './diffusion-picture.ts';
import { encodePrompts } from './guidance.ts';
import { emptyHint } from './inpainting-hint.ts';
import { noiseSource } from './latent-noise.ts';
import { latentPreview } from './latent-preview.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';
import { previewReporter } from './preview.ts';

/** Draws pictures from words; `count` of them, seed by seed. */
export async function runGenerate(task: GenerateTask, context: PipelineContext): Promise<void> {
  const { signal, onProgress } = context;
  const { width, height, numInferenceSteps, guidanceScale, count } = task;
  const onPreview = previewReporter(context);

  // 1. Check what was asked for.
  onProgress('loading', 0, 1);
  const model = await openDiffusionModel(task, context);
  checkVariant(model);

  // 2. Read the prompts.
  const guidanceAt = await encodePrompts(model, task, { signal });

  for (let index = 0; index < count; index++) {
    // 3. Begin with noise.
    const seed = (task.seed + index) >>> 0;
    const noise = noiseSource(seed, task.rng);
    const scheduler = createScheduler(task.scheduler, {
      numInferenceSteps,
      predictionType: model.description.predictionType,
      rescaleZeroTerminalSnr: model.description.hasZeroTerminalSnr,
      noise,
    });
    const shape = model.latentShape({ width, height });
    const start = noise.normal(shape.reduce((product, size) => product * size));
    for (let i = 0; i < start.length; i++) start[i]! *= scheduler.initNoiseSigma;
    const isInpainting = model.description.variant === 'inpainting';
    const shown = isInpainting ? await emptyHint(model, { width, height, noise, signal }) : undefined;

    // 4. Denoise.
    const calls = scheduler.timesteps.length;
    const latents = await model.useUNet((unet) =>
      denoise({
        unet,
        scheduler,
        latents: { shape, data: start },
        guidanceAt: (call) => guidanceAt(1 + Math.floor((call * numInferenceSteps) / calls)),
        guidanceScale,
        ...(shown !== undefined && { shown }),
        signal,
        onStep: (step, steps, expected) => {
          onProgress('denoising', index * steps + step, count * steps);
          if (step < steps) onPreview(latentPreview(expected), boundsOf({ width, height }));
        },
      }),
    );

    // 5. Decode, and hand the picture over.
    onProgress('encoding', 0, 1);
    const image = await model.decode(latents, signal);
    requireFinite(image.data, 'its autoencoder');
    await deliverPicture(pictureOfImage(image), { task, context, index, seed });
  }
}

/** Throws `invalid-option` for a model that needs a picture. */
function checkVariant({ description }: StableDiffusionModel): void {
  if (description.variant !== 'pix2pix') return;
  throw new EngineError(
    'invalid-option',
    'Expected a checkpoint that draws from nothing, received one that changes pictures by instruction (pix2pix).',
    { hint: 'Choose a base checkpoint; `inlay models` lists them.' },
  );
}
