/** First latents for a picture that is there already, in the order in which diffusers' pipelines draw their noise. */
import type { RepaintSettings } from '../api.ts';
import { keepKnown, type LatentSampling, latentMask, startCalls } from '../image/latent-mask.ts';
import { thresholdMask } from '../image/mask.ts';
import type { Mask, Picture } from '../image/picture.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { Tensor } from '../runtime/session.ts';
import { imageOfPicture } from './diffusion-picture.ts';
import { elementsOf, type Start, type StartOptions, startingNoise } from './draw.ts';
import { emptyHint, inpaintingHint } from './inpainting-hint.ts';
import { latentPixelSide } from './working-size.ts';

export interface VariationStartOptions extends StartOptions {
  readonly settings: Pick<RepaintSettings, 'strength' | 'imageGuidanceScale'>;
  readonly signal: AbortSignal;
}

export interface FillStartOptions extends VariationStartOptions {
  /** Of the mask, for a model that was not made for masks. */
  readonly sampling: LatentSampling;
}

/** An inpainting model is told to paint where the mask is above this grey. */
const paintedAbove = 127;

/**
 * As `StableDiffusionImg2ImgPipeline` starts: the picture's latent, as noisy as the first step that is run; or, where
 * nothing of it is to stay for a model that is shown it anyway, as `StableDiffusionInstructPix2PixPipeline` does.
 */
export async function startVariation(
  model: StableDiffusionModel,
  picture: Picture,
  options: VariationStartOptions,
): Promise<Start> {
  const { scheduler, noise, settings, signal } = options;
  const { variant } = model.description;
  const image = imageOfPicture(picture);
  if (variant === 'pix2pix' && settings.strength === 1) {
    const latents = startingNoise(elementsOf(model.latentShape(picture)), options);
    return { latents, ...(await pictureHint(model, image, options)) };
  }
  const original = await model.encode(image, { noise, signal });
  const latents = scheduler.addNoise(original.data, noise.normal(original.data.length), 0);
  if (variant === 'pix2pix') return { latents, ...(await pictureHint(model, image, options)) };
  if (variant !== 'inpainting') return { latents };
  const { width, height } = picture;
  return { latents, shown: await emptyHint(model, { width, height, noise, signal }) };
}

/** What a pix2pix UNet is shown, and how much that guides it. */
async function pictureHint(
  model: StableDiffusionModel,
  image: Tensor,
  { settings: { imageGuidanceScale }, signal }: VariationStartOptions,
): Promise<Pick<Start, 'shown' | 'imageGuidanceScale'>> {
  const shown = await model.encodeMean(image, signal);
  return { shown, ...(imageGuidanceScale !== undefined && { imageGuidanceScale }) };
}

/** As `StableDiffusionInpaintPipeline` starts, for either kind of model. */
export function startFill(
  model: StableDiffusionModel,
  { picture, mask }: { readonly picture: Picture; readonly mask: Mask },
  options: FillStartOptions,
): Promise<Start> {
  const image = imageOfPicture(picture);
  const source = { image, mask };
  return model.description.variant === 'inpainting'
    ? startInpainting(model, source, options)
    : startBlending(model, source, options);
}

interface MaskedImage {
  readonly image: Tensor;
  readonly mask: Mask;
}

/** A model made for it is shown the mask, and the picture without what is under the mask. */
async function startInpainting(
  model: StableDiffusionModel,
  { image, mask }: MaskedImage,
  { scheduler, noise, settings: { strength }, signal }: FillStartOptions,
): Promise<Start> {
  const length = elementsOf(model.latentShape(mask));
  let latents: Float32Array;
  if (strength === 1) latents = startingNoise(length, { scheduler, noise });
  else {
    const original = await model.encode(image, { noise, signal });
    latents = scheduler.addNoise(original.data, noise.normal(length), 0);
  }
  const painted = thresholdMask(mask, paintedAbove);
  const plane = painted.data.length;
  const maskedImage = {
    shape: image.shape,
    data: image.data.map((value, i) => (painted.data[i % plane] === 0 ? value : 0)),
  };
  // As such models were trained.
  const inLatent = latentMask(painted, { latentPixelSide, sampling: 'nearest' });
  return {
    latents,
    shown: await inpaintingHint(model, {
      mask: Float32Array.from(inLatent.data, (value) => value / 255),
      maskedImage,
      noise,
      signal,
    }),
  };
}

/**
 * With any other model, what is outside the mask is put back after each step, as noisy as it has to be there. A grey
 * value of the mask says how late its pixel is let go: white from the first step on.
 */
async function startBlending(
  model: StableDiffusionModel,
  { image, mask }: MaskedImage,
  options: FillStartOptions,
): Promise<Start> {
  const { scheduler, noise, settings, sampling, signal } = options;
  const { data: original } = await model.encode(image, { noise, signal });
  const { length } = original;
  const drawn = noise.normal(length);
  const latents =
    settings.strength === 1
      ? drawn.map((value) => value * scheduler.initNoiseSigma)
      : scheduler.addNoise(original, drawn, 0);
  // diffusers encodes the masked picture here for either kind of model: the noise that takes is drawn all the same.
  noise.normal(length);
  const calls = scheduler.timesteps.length;
  const starts = startCalls(latentMask(mask, { latentPixelSide, sampling }), calls);
  const afterStep = (sample: Float32Array, index: number): void => {
    const known = index + 1 < calls ? scheduler.addNoise(original, drawn, index + 1) : original;
    keepKnown(sample, { known, starts, index });
  };
  const isShown = model.description.variant === 'pix2pix';
  return { latents, afterStep, ...(isShown && (await pictureHint(model, image, options))) };
}
