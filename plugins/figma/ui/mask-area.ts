/** A mask's values for a part of the picture; outside it is 0. */
import { type Bounds, sameBounds } from '../../shared/picture/geometry.ts';

export interface MaskArea {
  /** `gray8`: 255 = all masked. */
  readonly values: Uint8Array;
  readonly area: Bounds;
}

/** The smallest bounds in the picture that hold all that is masked at all; nothing for an empty mask. */
export function maskedBounds({ values, area }: MaskArea): Bounds | undefined {
  const { width, height } = area;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let first = 0;
    while (first < width && values[start + first] === 0) first++;
    if (first === width) continue;
    let last = width - 1;
    while (values[start + last] === 0) last--;
    left = Math.min(left, first);
    right = Math.max(right, last);
    top = Math.min(top, y);
    bottom = y;
  }
  if (bottom < 0) return undefined;
  return { left: area.left + left, top: area.top + top, width: right - left + 1, height: bottom - top + 1 };
}

/** Whether nothing of the picture is left to go by. */
export function masksAll({ values, area }: MaskArea, picture: Bounds): boolean {
  if (!sameBounds(area, picture)) return false;
  for (let i = 0; i < values.length; i++) if (values[i] !== 255) return false;
  return true;
}

/** The mask for another part of the picture, which holds all that is masked. */
export function maskIn({ values, area }: MaskArea, wanted: Bounds): Uint8Array {
  const mask = new Uint8Array(wanted.width * wanted.height);
  const [top, left] = [Math.max(area.top, wanted.top), Math.max(area.left, wanted.left)];
  const bottom = Math.min(area.top + area.height, wanted.top + wanted.height);
  const right = Math.min(area.left + area.width, wanted.left + wanted.width);
  for (let y = top; y < bottom && left < right; y++) {
    const from = (y - area.top) * area.width - area.left;
    const to = (y - wanted.top) * wanted.width - wanted.left;
    mask.set(values.subarray(from + left, from + right), to + left);
  }
  return mask;
}
