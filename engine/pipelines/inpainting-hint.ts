import type { EncodeOptions, StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { Tensor } from '../runtime/session.ts';

export interface HintOptions extends EncodeOptions {
  /** [height, width] of the latent: 1 where it is to be painted, 0 where it is known. */
  readonly mask: Float32Array;
  /** The picture [1, 3, height, width] in [-1, 1], 0 (mid-grey) where it is to be painted. */
  readonly maskedImage: Tensor;
}

/** What an inpainting UNet is shown beside the noisy latent: the mask, and the latent of what is known. */
export async function inpaintingHint(
  model: StableDiffusionModel,
  { mask, maskedImage, ...encoding }: HintOptions,
): Promise<Tensor> {
  const known = await model.encode(maskedImage, encoding);
  const [, channels, height, width] = known.shape as [number, number, number, number];
  const data = new Float32Array(mask.length + known.data.length);
  data.set(mask);
  data.set(known.data, mask.length);
  return { shape: [1, 1 + channels, height, width], data };
}

/** The hint that everything is to be painted: an inpainting model draws from nothing with it. */
export function emptyHint(
  model: StableDiffusionModel,
  { width, height, ...encoding }: EncodeOptions & { readonly width: number; readonly height: number },
): Promise<Tensor> {
  const [, , rows, columns] = model.latentShape({ width, height });
  const maskedImage = { shape: [1, 3, height, width], data: new Float32Array(3 * height * width) };
  return inpaintingHint(model, { mask: new Float32Array(rows * columns).fill(1), maskedImage, ...encoding });
}
