import type { Mask } from './picture.ts';
import { resampleMask } from './resample.ts';

/**
 * Which pixel of the mask speaks for a latent pixel. `nearest`: the one in its top left corner, as torch's
 * `interpolate` takes it and so diffusers; `covering`: the largest of all that it stands for, so that nothing of the
 * hole is held to what was there.
 */
export type LatentSampling = 'nearest' | 'covering';

/**
 * The mask as a model of latents is given it. A mask that `nearest` would miss altogether (a thin stroke, a few pixels)
 * is covered instead: it was painted to be filled.
 *
 * @param mask At the working size, whose sides are multiples of `latentPixelSide`.
 */
export function latentMask(
  mask: Mask,
  options: { readonly latentPixelSide: number; readonly sampling: LatentSampling },
): Mask {
  const { latentPixelSide: step, sampling } = options;
  const width = mask.width / step;
  const height = mask.height / step;
  if (!Number.isInteger(width) || !Number.isInteger(height)) {
    throw new RangeError(
      `Expected a mask with sides of whole multiples of ${step} px, received ${mask.width} x ${mask.height}`,
    );
  }
  if (sampling === 'covering') return resampleMask(mask, { width, height });
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = mask.data[(y * mask.width + x) * step]!;
  }
  return data.some((value) => value > 0)
    ? { width, height, data }
    : latentMask(mask, { ...options, sampling: 'covering' });
}

/**
 * From which model call on each latent pixel is drawn freely; before it, it is held to what was there. A mask value is
 * a strength of its own (Levin and Fried, Differential diffusion, arXiv 2306.00950): of n calls, 255 has all, v the
 * last floor(v n / 255), 0 none (= n).
 */
export function startCalls(mask: Mask, calls: number): Uint16Array {
  return Uint16Array.from(mask.data, (value) => calls - Math.floor((value * calls) / 255));
}

/**
 * Puts the known latent back, after model call `index`, wherever drawing has not begun with that call. Where the mask
 * is 0 or 255 throughout, this is diffusers' blending: mask * latents + (1 - mask) * known.
 *
 * @param latents [channels, height, width]; changed in place.
 * @param options `known`: the picture's latents at the noise level of the next call, or as they are after the last;
 * `starts`: of `startCalls`, [height, width].
 */
export function keepKnown(
  latents: Float32Array,
  options: { readonly known: Float32Array; readonly starts: Uint16Array; readonly index: number },
): void {
  const { known, starts, index } = options;
  if (known.length !== latents.length || latents.length % starts.length !== 0) {
    throw new RangeError(
      `Expected latents of one size, received ${latents.length} and ${known.length} of ${starts.length} pixels`,
    );
  }
  for (let plane = 0; plane < latents.length; plane += starts.length) {
    for (let i = 0; i < starts.length; i++) {
      if (starts[i]! > index) latents[plane + i] = known[plane + i]!;
    }
  }
}
