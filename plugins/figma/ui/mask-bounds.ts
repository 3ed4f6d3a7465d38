import type { Bounds, Size } from '../../shared/picture/geometry.ts';

/** The smallest bounds that hold all of a mask that is not 0; nothing for an empty one. */
export function boundsOfMask(mask: Uint8Array, { width, height }: Size): Bounds | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    const row = mask.subarray(y * width, (y + 1) * width);
    const first = row.findIndex((value) => value !== 0);
    if (first < 0) continue;
    let last = width - 1;
    while (row[last] === 0) last--;
    left = Math.min(left, first);
    right = Math.max(right, last);
    top = Math.min(top, y);
    bottom = y;
  }
  if (bottom < 0) return undefined;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Whether nothing of the picture is left to go by. */
export function coversAll(mask: Uint8Array): boolean {
  return mask.every((value) => value === 255);
}

/** The part of a mask that lies in an area of it. */
export function cropMask(mask: Uint8Array, { picture, area }: { picture: Size; area: Bounds }): Uint8Array {
  const cropped = new Uint8Array(area.width * area.height);
  for (let y = 0; y < area.height; y++) {
    const start = (area.top + y) * picture.width + area.left;
    cropped.set(mask.subarray(start, start + area.width), y * area.width);
  }
  return cropped;
}
