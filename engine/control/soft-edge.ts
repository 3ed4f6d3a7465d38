import { gaussianBlur, gaussianPasses } from './gaussian-blur.ts';
import { type Pace, Pacer } from './pacer.ts';
import { mapOfPlane, type RgbImage } from './rgb-image.ts';

export interface SoftEdgeOptions {
  /** In pixels: how soft the edges are, and how small a thing has to be to be left out. */
  readonly sigma: number;
  /** How bright an edge is: at 4 one of half the range of brightness is nearly white. */
  readonly gain: number;
}

/**
 * Soft white edges on black, bright where the picture changes much, as HED (arXiv 1504.06375) draws them, but from gradients
 * alone: of the blurred picture, times sigma, so that an edge is as bright at any softness (T. Lindeberg, "Edge Detection and
 * Ridge Detection with Automatic Scale Selection", IJCV 30, 1998). Of each pixel its strongest channel counts.
 */
export async function softEdge(
  image: RgbImage,
  { sigma, gain }: SoftEdgeOptions,
  pace: Pace,
): Promise<RgbImage> {
  const { width, height, data } = image;
  const pixels = width * height;
  const pacer = new Pacer(pace, { pixels, passes: 3 * (gaussianPasses + 1) });
  const plane = new Uint8Array(pixels);
  const channel = new Float32Array(pixels);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < pixels; i++) channel[i] = data[3 * i + c]! / 255;
    const blurred = await gaussianBlur(channel, { size: image, sigma, pacer });
    await pacer.rows(image, (first, end) => {
      for (let y = first; y < end; y++) {
        const above = Math.max(y - 1, 0) * width;
        const below = Math.min(y + 1, height - 1) * width;
        for (let x = 0; x < width; x++) {
          const here = y * width;
          const dx = blurred[here + Math.min(x + 1, width - 1)]! - blurred[here + Math.max(x - 1, 0)]!;
          const dy = blurred[below + x]! - blurred[above + x]!;
          // A difference over two pixels is twice the gradient.
          const brightness = Math.tanh((gain * sigma * Math.hypot(dx, dy)) / 2);
          plane[here + x] = Math.max(plane[here + x]!, Math.round(255 * brightness));
        }
      }
    });
  }
  return mapOfPlane(plane, image);
}
