import type { ModelFamily } from '../api.ts';
import type { Picture } from '../image/picture.ts';
import type { Tensor } from '../runtime/session.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** A linear fit to what an autoencoder makes of latents. */
interface Fit {
  /** What each of the four channels adds. */
  readonly channels: readonly Colour[];
  readonly bias: Colour;
}

/** Of Stable Diffusion 1.x and 2.x. */
const fit: Fit = {
  channels: [
    [0.3512, 0.2297, 0.3227],
    [0.325, 0.4974, 0.235],
    [-0.2829, 0.1762, 0.2721],
    [-0.212, -0.2616, -0.7177],
  ],
  bias: [0, 0, 0],
};
const xlFit: Fit = {
  channels: [
    [0.3651, 0.4232, 0.4341],
    [-0.2533, -0.0042, 0.1068],
    [0.1076, 0.1111, -0.0362],
    [-0.3165, -0.2492, -0.2188],
  ],
  bias: [0.1084, -0.0175, -0.0011],
};

const fits: Readonly<Record<ModelFamily, Fit>> = { sd1: fit, sd2: fit, sdxl: xlFit, 'sdxl-refiner': xlFit };

/** About what the autoencoder would make of a latent [1, 4, height, width], one pixel for each of its pixels. */
export function latentPreview({ shape, data }: Tensor, family: ModelFamily): Picture {
  const { channels, bias } = fits[family];
  const [, , height, width] = shape as [number, number, number, number];
  const plane = width * height;
  const rgb = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) {
      let value = bias[c]!;
      for (const [channel, colour] of channels.entries()) value += data[channel * plane + i]! * colour[c]!;
      rgb[3 * i + c] = Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
    }
  }
  return { width, height, channels: 3, data: rgb };
}
