import { resamplePicture } from '../image/resample.ts';
import { estimateNearness } from './nearness.ts';
import type { PreprocessServices } from './preprocess-services.ts';
import { mapOfPlane, type RgbImage } from './rgb-image.ts';

/**
 * How near everything is, near white and far black: the nearest and the farthest place are white and black whatever they are.
 *
 * @throws what `estimateNearness` throws.
 */
export async function depth(
  image: RgbImage,
  _options: object,
  services: PreprocessServices,
): Promise<RgbImage> {
  services.onProgress?.(0, 1);
  const { width, height, data } = await estimateNearness(image, services);
  const plane = Uint16Array.from(data, (value) => Math.round(value * 65535));
  const enlarged = resamplePicture({ width, height, channels: 1, data: plane }, image);
  services.onProgress?.(1, 1);
  return mapOfPlane(
    Uint8Array.from(enlarged.data, (value) => Math.round(value / 257)),
    image,
  );
}
