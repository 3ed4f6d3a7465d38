import { gaussianBlur, gaussianPasses } from './gaussian-blur.ts';
import { greyRows } from './grey.ts';
import type { Pacer } from './pacer.ts';
import type { RgbImage } from './rgb-image.ts';

/** How often `differenceOfGaussians` goes over the pixels. */
export const differencePasses = 1 + 2 * gaussianPasses;

/**
 * How much darker each pixel is than what is around it, in -1..1 of the grey: the blur with the wider Gaussian less that with
 * the narrower. The ground of XDoG: H. Winnemöller, "XDoG: Advanced Image Stylization with eXtended Difference-of-Gaussians",
 * NPAR 2011, its equation 1 with tau = 1 (flat areas are 0 whatever their grey) and the sign turned.
 */
export async function differenceOfGaussians(
  image: RgbImage,
  { sigma, ratio, pacer }: { readonly sigma: number; readonly ratio: number; readonly pacer: Pacer },
): Promise<Float32Array> {
  const grey = new Uint8Array(image.width * image.height);
  const plane = new Float32Array(grey.length);
  await pacer.rows(image, (first, end) => {
    greyRows(image, grey, { first, end });
    for (let i = first * image.width; i < end * image.width; i++) plane[i] = grey[i]! / 255;
  });
  const narrow = await gaussianBlur(plane, { size: image, sigma, pacer });
  const wide = await gaussianBlur(plane, { size: image, sigma: sigma * ratio, pacer });
  for (let i = 0; i < wide.length; i++) wide[i]! -= narrow[i]!;
  return wide;
}
