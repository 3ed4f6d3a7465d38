import type { Bounds, Size } from '../../shared/picture/geometry.ts';

/** The whole pixels that bounds touch inside a picture. */
export function touchedPixels({ left, top, width, height }: Bounds, picture: Size): Bounds {
  const clamp = (value: number, max: number) => Math.min(Math.max(value, 0), max);
  const [x, y] = [clamp(Math.floor(left), picture.width), clamp(Math.floor(top), picture.height)];
  return {
    left: x,
    top: y,
    width: clamp(Math.ceil(left + width), picture.width) - x,
    height: clamp(Math.ceil(top + height), picture.height) - y,
  };
}
