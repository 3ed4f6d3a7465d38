import type { Size } from '../image/bounds.ts';
import type { AssistiveNetwork } from './assistive-models.ts';
import type { PreprocessServices } from './preprocess-services.ts';
import { depthModel } from './preprocessor-list.ts';
import type { RgbImage } from './rgb-image.ts';

/** What differs by less, in proportion, is as near. */
const flatTolerance = 1e-5;

/** How near each place is, row by row: 0 the farthest of the picture, 1 the nearest. All 0 where nothing is nearer. */
export interface Nearness extends Size {
  readonly data: Float32Array;
}

/**
 * What Depth Anything V2 (arXiv 2406.09414) sees, at the size that it computes at: inverse depth, of which neither the zero
 * nor the unit is known, so that only its range is kept.
 *
 * @throws what `AssistiveModels.use` throws; the signal's reason once it has aborted.
 */
export async function estimateNearness(
  picture: RgbImage,
  { signal, assistive }: PreprocessServices,
): Promise<Nearness> {
  signal.throwIfAborted();
  const work = async (network: AssistiveNetwork) => {
    signal.throwIfAborted();
    const { predicted_depth: depth } = await network.run(picture);
    const [height, width] = depth?.dims.slice(-2) ?? [];
    if (depth === undefined || width === undefined || height === undefined) {
      throw network.unfit('it gives no `predicted_depth`.');
    }
    return { width, height, data: Float32Array.from(depth.data) };
  };
  const seen = await assistive.use(depthModel, { picture, work });
  signal.throwIfAborted();
  let far = Number.POSITIVE_INFINITY;
  let near = Number.NEGATIVE_INFINITY;
  for (const value of seen.data) {
    far = Math.min(far, value);
    near = Math.max(near, value);
  }
  // A picture of one colour, resized, is not to the last bit of one colour.
  const isFlat = near - far <= flatTolerance * Math.max(1, Math.abs(near));
  return { ...seen, data: seen.data.map((value) => (isFlat ? 0 : (value - far) / (near - far))) };
}
