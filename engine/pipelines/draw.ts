/** What all pipelines that draw with a diffusion model do alike, from the first noise to the finished image. */
import type { DiffusionSettings } from '../api.ts';
import type { Bounds, Size } from '../image/bounds.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { NoiseSource } from '../random/noise-source.ts';
import type { Tensor } from '../runtime/session.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { PipelineContext } from './context.ts';
import { type DenoiseOptions, denoise, requireFinite } from './denoise.ts';
import { encodePrompts } from './guidance.ts';
import type { GuidanceMode } from './guided-prediction.ts';
import { noiseSource } from './latent-noise.ts';
import { latentPreview } from './latent-preview.ts';
import { previewReporter } from './preview.ts';

/** The first latent of a picture, and what the UNet is shown besides. Draws from the noise in the order of diffusers. */
export interface Start extends Pick<DenoiseOptions, 'shown' | 'imageGuidanceScale' | 'afterStep'> {
  readonly latents: Float32Array;
}

export interface StartOptions {
  readonly scheduler: Scheduler;
  readonly noise: NoiseSource;
}

export interface DrawOptions {
  readonly model: StableDiffusionModel;
  readonly settings: DiffusionSettings;
  /** Of the image; multiples of 8. */
  readonly size: Size;
  /** The share of the steps, counted from the end, that is run; 1 = all. */
  readonly strength: number;
  readonly seed: number;
  readonly count: number;
  readonly context: PipelineContext;
  /** By default `batched`: faster, in more memory. */
  readonly guidanceMode?: GuidanceMode;
  /** Where a preview belongs in the output. */
  readonly bounds: Bounds;
  readonly start: (options: StartOptions) => Promise<Start>;
  /** Called with each image [1, 3, height, width], about in [-1, 1]. */
  readonly deliver: (
    image: Tensor,
    picture: { readonly index: number; readonly seed: number },
  ) => Promise<void>;
}

/** Draws image after image, image i with seed + i (unsigned 32-bit). */
export async function draw(options: DrawOptions): Promise<void> {
  const { model, settings, size, strength, count, context, bounds, start, deliver } = options;
  const { guidanceMode = 'batched' } = options;
  const { numInferenceSteps, guidanceScale, guidanceRescale } = settings;
  const { signal, onProgress } = context;
  const onPreview = previewReporter(context);
  const guidanceAt = await encodePrompts(model, settings, { models: context.models, signal });
  for (let index = 0; index < count; index++) {
    const seed = (options.seed + index) >>> 0;
    const noise = noiseSource(seed, settings.rng);
    const scheduler = createScheduler(settings.scheduler, {
      numInferenceSteps,
      strength,
      predictionType: model.description.predictionType,
      rescaleZeroTerminalSnr: model.description.hasZeroTerminalSnr,
      noise,
    });
    const { latents, ...hints } = await start({ scheduler, noise });
    const calls = scheduler.timesteps.length;
    const stepsRun = Math.floor(numInferenceSteps * strength);
    const finished = await model.useUNet((unet) =>
      denoise({
        ...hints,
        unet,
        scheduler,
        latents: { shape: model.latentShape(size), data: latents },
        guidanceAt: (call) =>
          guidanceAt(1 + numInferenceSteps - stepsRun + Math.floor((call * stepsRun) / calls)),
        guidanceMode,
        guidanceScale,
        guidanceRescale,
        signal,
        onStep: (step, steps, expected) => {
          onProgress('denoising', index * steps + step, count * steps);
          if (step < steps) onPreview(latentPreview(expected), bounds);
        },
      }),
    );
    onProgress('encoding', 0, 1);
    const image = await model.decode(finished, signal);
    requireFinite(image.data, 'its autoencoder');
    await deliver(image, { index, seed });
  }
}

/** Noise for a start from nothing. */
export function startingNoise(length: number, { scheduler, noise }: StartOptions): Float32Array {
  const latents = noise.normal(length);
  for (let i = 0; i < length; i++) latents[i]! *= scheduler.initNoiseSigma;
  return latents;
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
