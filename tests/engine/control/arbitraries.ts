import fc from 'fast-check';
import { AssistiveModels } from '../../../engine/control/assistive-models.ts';
import type { PreprocessServices } from '../../../engine/control/preprocess-services.ts';
import type { RgbImage } from '../../../engine/control/rgb-image.ts';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { anySize, noise } from '../image/arbitraries.ts';

/** With no model at all. */
export const atLeisure: PreprocessServices = {
  signal: new AbortController().signal,
  assistive: new AssistiveModels([], new LoadedModels()),
};

export function constantImage(
  { width, height }: { readonly width: number; readonly height: number },
  value: number,
): RgbImage {
  return { width, height, channels: 3, data: new Uint8Array(width * height * 3).fill(value) };
}

/** Noise of odd and even sizes down to one pixel. */
export const anyImage: fc.Arbitrary<RgbImage> = fc.tuple(anySize, fc.nat()).map(([size, seed]) => ({
  ...size,
  channels: 3,
  data: noise(size.width * size.height * 3, 8, seed) as Uint8Array,
}));

export function mirrored(image: RgbImage): RgbImage {
  const { width, height } = image;
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      data.set(image.data.subarray(from, from + 3), (y * width + width - 1 - x) * 3);
    }
  }
  return { ...image, data };
}
