/** Plain numbers of a fill, besides the score. */
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import { gradients, lumaPlane } from './planes.ts';

/** Peak signal-to-noise ratio in the hole, in dB; 8 bits. It prefers blur: only for holes a few pixels wide. */
export function psnr(
  result: Picture,
  { mask, truth }: { readonly mask: Mask; readonly truth: Picture },
): number {
  let [sum, count] = [0, 0];
  for (const [pixel, value] of mask.data.entries()) {
    if (value === 0) continue;
    for (let i = 3 * pixel; i < 3 * pixel + 3; i++, count++) sum += (result.data[i]! - truth.data[i]!) ** 2;
  }
  return 10 * Math.log10((255 ** 2 * count) / Math.max(sum, 1));
}

/** The hole's mean squared gradient, of the truth's. */
export function textureEnergyRatio(
  result: Picture,
  { mask, truth }: { readonly mask: Mask; readonly truth: Picture },
): number {
  const energy = (picture: Picture) => {
    const { dx, dy } = gradients(lumaPlane(picture));
    return mask.data.reduce(
      (sum, value, i) => (value === 0 ? sum : sum + dx.data[i]! ** 2 + dy.data[i]! ** 2),
      0,
    );
  };
  return Math.sqrt(energy(result) / Math.max(energy(truth), 1));
}

/** Pixels that should have been kept and were not. */
export function changedOutsideMask(
  result: Picture,
  { picture, mask }: { readonly picture: Picture; readonly mask: Mask },
): number {
  let changed = 0;
  for (const [pixel, value] of mask.data.entries()) {
    if (value > 0) continue;
    const i = 3 * pixel;
    const isKept = [i, i + 1, i + 2].every((sample) => result.data[sample] === picture.data[sample]);
    if (!isKept) changed++;
  }
  return changed;
}
