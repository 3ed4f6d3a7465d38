// kernels/vote.ts: sets every hole pixel of a band from the patches over it.

import { addRow, beginCoherence, isCoherent, ownSource } from './coherence';
import { boxLeft, boxWidth, HOLE, low, pixels, radius, roles, width } from './level';
import { adaptedMeans, bestSource, gatherVotes, means, weightedMeans } from './votes';

/** The sum of the absolute changes of all colours, without texture. */
// @ts-ignore: decorator
@inline
function colourChange(a: v128, b: v128): i32 {
  const change = i32x4.abs(i32x4.sub(a, b));
  return i32x4.extract_lane(change, 0) + i32x4.extract_lane(change, 1) + i32x4.extract_lane(change, 2);
}

// @ts-ignore: decorator
@inline
function featuresAt(address: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(address)));
}

// @ts-ignore: decorator
@inline
function storeBytes(address: usize, values: v128): void {
  const words = i16x8.narrow_i32x4_s(values, values);
  v128.store32_lane(address, i8x16.narrow_i16x8_u(words, words), 0);
}

/** `split`: low frequencies of the mean, detail of the best patch. Returns the sum of absolute changes. */
export function voteBand(top: i32, bottom: i32, split: bool): f64 {
  let change: i64 = 0;
  beginCoherence(top, split);
  for (let y = top; y < bottom; y++) {
    addRow(y + radius, split);
    for (let x = boxLeft; x < boxLeft + boxWidth; x++) {
      const pixel: usize = y * width + x;
      if ((load<u8>(roles + pixel) & HOLE) == 0) continue;
      const to = pixels + (pixel << 2);
      let value: v128;
      if (isCoherent(x)) {
        value = featuresAt(pixels + ownSource(x, y));
      } else if (gatherVotes(x, y) == 0) {
        continue;
      } else if (split) {
        adaptedMeans(low, 1);
        const best = featuresAt(pixels + bestSource);
        const detail = i32x4.sub(best, featuresAt(low + bestSource));
        value = i32x4.replace_lane(i32x4.add(means, detail), 3, i32x4.extract_lane(best, 3));
        value = i32x4.min_s(i32x4.max_s(value, i32x4.splat(0)), i32x4.splat(255));
      } else {
        weightedMeans(pixels, 1);
        value = means;
      }
      change += colourChange(value, featuresAt(to));
      storeBytes(to, value);
    }
  }
  return <f64>change;
}
