import { differenceOfGaussians, differencePasses } from './difference-of-gaussians.ts';
import { type Pace, Pacer } from './pacer.ts';
import { mapOfPlane, type RgbImage } from './rgb-image.ts';

export interface ScribbleOptions {
  /** How much darker than its surroundings a stroke must be, 0..1. */
  readonly threshold: number;
}

/** Of the Gaussians, in pixels: far apart, which gives strokes rather than lines. */
const SIGMA = 0.5;
const RATIO = 10;

/** White strokes on black, as if drawn with a pen: XDoG (see difference-of-gaussians.ts) with a hard threshold. */
export async function scribble(
  image: RgbImage,
  { threshold }: ScribbleOptions,
  pace: Pace,
): Promise<RgbImage> {
  const pixels = image.width * image.height;
  const pacer = new Pacer(pace, { pixels, passes: differencePasses + 1 });
  const darker = await differenceOfGaussians(image, { sigma: SIGMA, ratio: RATIO, pacer });
  const plane = new Uint8Array(pixels);
  await pacer.rows(image, (first, end) => {
    for (let i = first * image.width; i < end * image.width; i++) plane[i] = darker[i]! > threshold ? 255 : 0;
  });
  return mapOfPlane(plane, image);
}
