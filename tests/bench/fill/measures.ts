/** Plain numbers of a fill, besides the score. */
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import type { FillCase } from './cases.ts';
import { gradients, lumaPlane } from './planes.ts';
import { type DefectScore, scoreFill } from './score.ts';

/** The score of a case's fill. A removal may cover more than was painted: then that belongs to the hole. */
export function scoreCase(result: Picture, { kind, picture, mask, truth }: FillCase): DefectScore {
  if (kind !== 'removal') return scoreFill(result, { mask, truth });
  const data = mask.data.map((value, pixel) => (value > 0 || !isKept(pixel, result, picture) ? 255 : 0));
  return scoreFill(result, { mask: { ...mask, data }, truth });
}

function isKept(pixel: number, a: Picture, b: Picture): boolean {
  return [3 * pixel, 3 * pixel + 1, 3 * pixel + 2].every((sample) => a.data[sample] === b.data[sample]);
}

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
    if (!isKept(pixel, result, picture)) changed++;
  }
  return changed;
}
