/** What SDXL is told beside the prompt's tokens: the prompt as a whole, and the sizes of what it learned from (arXiv 2307.01952, section 2.2). */
import type { Size } from '../image/bounds.ts';

/** In how many numbers each size is told. */
export const sizeChannels = 256;
/** The slowest wave is this long, over 2 pi. */
const maxPeriod = 10_000;
/** What the refiner is told of how good a picture looks, from 1 to 10: of what is wanted and of what is not. */
export const aestheticScores = { positive: 6, negative: 2.5 } as const;

/**
 * Numbers in the order in which SDXL was trained on them: height and width of the picture before it was scaled, top and left
 * of where it was cropped, height and width of what is drawn.
 */
export function baseSizes({ width, height }: Size): readonly number[] {
  return [height, width, 0, 0, height, width];
}

/** As its refiner was trained: the score in place of the size that is drawn. */
export function refinerSizes({ width, height }: Size, isNegative: boolean): readonly number[] {
  return [height, width, 0, 0, isNegative ? aestheticScores.negative : aestheticScores.positive];
}

/** The prompt's vector, then cosines and sines of each number at falling frequencies (arXiv 1706.03762). */
export function addedConditioning(pooled: Float32Array, sizes: readonly number[]): Float32Array {
  const half = sizeChannels / 2;
  const added = new Float32Array(pooled.length + sizes.length * sizeChannels);
  added.set(pooled);
  for (const [index, size] of sizes.entries()) {
    const start = pooled.length + index * sizeChannels;
    for (let wave = 0; wave < half; wave++) {
      const angle = size * Math.exp((-Math.log(maxPeriod) * wave) / half);
      added[start + wave] = Math.cos(angle);
      added[start + half + wave] = Math.sin(angle);
    }
  }
  return added;
}
