import type { Picture } from '../image/picture.ts';
import { convertPicture, flattenOnWhite } from '../image/samples.ts';

/** An opaque picture of 8 bits a channel: what a preprocessor looks at, and what a map is. */
export interface RgbImage extends Picture {
  readonly channels: 3;
  readonly data: Uint8Array;
}

/** Any picture as one, transparent parts on white. The colour profile stays behind: a map's colours are numbers. */
export function toRgbImage(picture: Picture): RgbImage {
  const { width, height, data } = convertPicture(flattenOnWhite(picture), { channels: 3, depth: 8 });
  return { width, height, channels: 3, data: data as Uint8Array };
}

/** One value a pixel, `width * height` of them, as a map whose three channels are the same. */
export function mapOfPlane(
  plane: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): RgbImage {
  const data = new Uint8Array(plane.length * 3);
  for (let i = 0, to = 0; i < plane.length; i++, to += 3) {
    data[to] = plane[i]!;
    data[to + 1] = plane[i]!;
    data[to + 2] = plane[i]!;
  }
  return { width, height, channels: 3, data };
}
