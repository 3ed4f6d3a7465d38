import type { Picture } from '../image/picture.ts';
import type { Tensor } from '../runtime/session.ts';

/**
 * What the four channels of a Stable Diffusion 1.x or 2.x latent add to red, green and blue: a linear fit to what the
 * autoencoder makes of them.
 */
const colours = [
  [0.3512, 0.2297, 0.3227],
  [0.325, 0.4974, 0.235],
  [-0.2829, 0.1762, 0.2721],
  [-0.212, -0.2616, -0.7177],
] as const;

/** About what the autoencoder would make of a latent [1, 4, height, width], one pixel for each of its pixels. */
export function latentPreview({ shape, data }: Tensor): Picture {
  const [, , height, width] = shape as [number, number, number, number];
  const plane = width * height;
  const rgb = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) {
      let value = 0;
      for (const [channel, colour] of colours.entries()) value += data[channel * plane + i]! * colour[c]!;
      rgb[3 * i + c] = Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
    }
  }
  return { width, height, channels: 3, data: rgb };
}
