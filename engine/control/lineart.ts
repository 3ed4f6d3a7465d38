import { differenceOfGaussians, differencePasses } from './difference-of-gaussians.ts';
import { type Pace, Pacer } from './pacer.ts';
import { mapOfPlane, type RgbImage } from './rgb-image.ts';

export interface LineartOptions {
  /** Of the narrower Gaussian, in pixels: how fine the lines are. */
  readonly sigma: number;
  /** How much darker than its surroundings a line must be, 0..1. */
  readonly threshold: number;
  /** How soon a line above the threshold is fully white. */
  readonly steepness: number;
}

/** The wider Gaussian's sigma by the narrower's: next to the Laplacian (Marr and Hildreth 1980), as XDoG has it. */
const RATIO = 1.6;

/** Soft white lines on black, by XDoG (see difference-of-gaussians.ts): its equation 4, the tanh ramp, on the lines' side. */
export async function lineart(
  image: RgbImage,
  { sigma, threshold, steepness }: LineartOptions,
  pace: Pace,
): Promise<RgbImage> {
  const pixels = image.width * image.height;
  const pacer = new Pacer(pace, { pixels, passes: differencePasses + 1 });
  const darker = await differenceOfGaussians(image, { sigma, ratio: RATIO, pacer });
  const plane = new Uint8Array(pixels);
  await pacer.rows(image, (first, end) => {
    for (let i = first * image.width; i < end * image.width; i++) {
      const above = darker[i]! - threshold;
      plane[i] = above > 0 ? Math.round(255 * Math.tanh(steepness * above)) : 0;
    }
  });
  return mapOfPlane(plane, image);
}
