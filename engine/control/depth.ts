import { resamplePicture } from '../image/resample.ts';
import { estimateDepth } from './assistive-models.ts';
import type { Pace } from './pacer.ts';
import { depthModel } from './preprocessor-list.ts';
import { mapOfPlane, type RgbImage } from './rgb-image.ts';

/** What differs by less, in proportion, is as near. */
const flatTolerance = 1e-5;

export interface DepthServices extends Pace {
  /** Where models are looked for. */
  readonly modelFolders: readonly string[];
}

/**
 * How near everything is, near white and far black, by Depth Anything V2 (arXiv 2406.09414): its nearest and its farthest place
 * are white and black whatever they are.
 *
 * @throws what `estimateDepth` throws.
 */
export async function depth(
  image: RgbImage,
  _options: object,
  { signal, onProgress, modelFolders }: DepthServices,
): Promise<RgbImage> {
  onProgress?.(0, 1);
  const { width, height, data } = await estimateDepth(image, { name: depthModel, modelFolders });
  signal.throwIfAborted();
  let far = Number.POSITIVE_INFINITY;
  let near = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    far = Math.min(far, value);
    near = Math.max(near, value);
  }
  // A picture of one colour, resized, is not to the last bit of one colour.
  const isFlat = near - far <= flatTolerance * Math.max(1, Math.abs(near));
  const scale = isFlat ? 0 : 65535 / (near - far);
  const plane = Uint16Array.from(data, (value) => Math.round((value - far) * scale));
  const enlarged = resamplePicture({ width, height, channels: 1, data: plane }, image);
  onProgress?.(1, 1);
  return mapOfPlane(
    Uint8Array.from(enlarged.data, (value) => Math.round(value / 257)),
    image,
  );
}
