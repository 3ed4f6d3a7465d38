import { type Bounds, boundsOf, contains, type Size } from './bounds.ts';
import { allocateSamples, assertSameFormat, type Mask, type Picture } from './picture.ts';

/** Pixels added on each side, >= 0. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A copy of the picture's pixels inside `bounds`, which must lie inside the picture. Keeps the ICC profile. */
export function cropPicture(picture: Picture, bounds: Bounds): Picture {
  assertInside(picture, bounds);
  const data = allocateSamples(picture.data, bounds.width * bounds.height * picture.channels);
  const size = { width: bounds.width, height: bounds.height };
  copyRows(picture, { ...picture, ...size, data }, { from: bounds, left: 0, top: 0 });
  return { ...picture, ...size, data };
}

/** A copy of the mask inside `bounds`, which must lie inside the mask. */
export function cropMask(mask: Mask, bounds: Bounds): Mask {
  assertInside(mask, bounds);
  const data = new Uint8Array(bounds.width * bounds.height);
  for (let y = 0; y < bounds.height; y++) {
    const start = (bounds.top + y) * mask.width + bounds.left;
    data.set(mask.data.subarray(start, start + bounds.width), y * bounds.width);
  }
  return { width: bounds.width, height: bounds.height, data };
}

/** A copy of `target` with `picture` in place of its pixels from (left, top) on. Formats must be the same. */
export function pastePicture(
  target: Picture,
  options: { readonly picture: Picture; readonly left: number; readonly top: number },
): Picture {
  const { picture, left, top } = options;
  assertSameFormat(target, picture);
  assertInside(target, { left, top, width: picture.width, height: picture.height });
  const result = { ...target, data: target.data.slice() };
  copyRows(picture, result, { from: boundsOf(picture), left, top });
  return result;
}

/** The picture on a larger canvas; new pixels are 0 (black, and transparent where there is alpha). */
export function extendCanvas(picture: Picture, margins: Margins): Picture {
  const size = extendedSize(picture, margins);
  const data = allocateSamples(picture.data, size.width * size.height * picture.channels);
  const result = { ...picture, ...size, data };
  copyRows(picture, result, { from: boundsOf(picture), left: margins.left, top: margins.top });
  return result;
}

/** The mask that belongs to `extendCanvas`: 255 on the new pixels, 0 on the old ones. */
export function extensionMask(size: Size, margins: Margins): Mask {
  const { width, height } = extendedSize(size, margins);
  const data = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < size.height; y++) {
    const start = (margins.top + y) * width + margins.left;
    data.fill(0, start, start + size.width);
  }
  return { width, height, data };
}

function extendedSize(size: Size, margins: Margins): Size {
  return {
    width: margins.left + size.width + margins.right,
    height: margins.top + size.height + margins.bottom,
  };
}

function copyRows(
  source: Picture,
  target: Picture,
  place: { readonly from: Bounds; readonly left: number; readonly top: number },
): void {
  const { channels } = source;
  const { from, left, top } = place;
  for (let y = 0; y < from.height; y++) {
    const start = ((from.top + y) * source.width + from.left) * channels;
    const row = source.data.subarray(start, start + from.width * channels);
    target.data.set(row, ((top + y) * target.width + left) * channels);
  }
}

function assertInside(size: Size, bounds: Bounds): void {
  if (!contains(boundsOf(size), bounds)) {
    throw new RangeError(
      `Expected bounds inside ${size.width} x ${size.height} px, received ${JSON.stringify(bounds)}`,
    );
  }
}
