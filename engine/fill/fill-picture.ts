import { compositeOver } from '../image/composite.ts';
import type { Mask, Picture } from '../image/picture.ts';
import { type FillOptions, solveFill } from './solve-fill.ts';

/**
 * Fills the white area of the mask from the rest of the picture. Pixels whose mask is 0 keep every bit; grey ones are
 * mixed.
 *
 * @param mask As large as the picture.
 * @returns A new picture in the source's format.
 * @throws EngineError as `solveFill`.
 */
export async function fillPicture(picture: Picture, mask: Mask, options: FillOptions): Promise<Picture> {
  const layer = await solveFill(picture, mask, options);
  return compositeOver(picture, { fill: layer.fill, mask: layer.mask, at: layer.bounds });
}
