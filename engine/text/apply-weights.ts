import { windowLength } from './prompt.ts';

/**
 * How a prompt's weights change what CLIP made of it:
 * - `a1111-mean`: each token's vector times its weight, then the whole window scaled back to the mean it had (A1111's
 *   "Original", and the default everywhere);
 * - `none`: times its weight, and no more (A1111's "No norm");
 * - `comfy`: from the vector that the empty prompt has at that position towards the prompt's, weight times as far
 *   (ComfyUI); `emptyHidden` is the empty prompt's hidden state, [77, dim].
 */
export type WeightOptions = { readonly dim: number } & (
  | { readonly renormalise: 'a1111-mean' | 'none' }
  | { readonly renormalise: 'comfy'; readonly emptyHidden: Float32Array }
);

/** Weighs `hidden`, CLIP's output [windows * 77, dim], in place by `weights`, [windows * 77]. */
export function applyWeights(hidden: Float32Array, weights: Float32Array, options: WeightOptions): void {
  const { dim } = options;
  if (hidden.length !== weights.length * dim || weights.length % windowLength !== 0) {
    throw new RangeError(
      `Expected ${weights.length} x ${dim} values for weights of whole windows, received ${hidden.length}`,
    );
  }
  for (let start = 0; start < weights.length; start += windowLength) {
    const ofWindow = weights.subarray(start, start + windowLength);
    // Plain prompts stay as they are to the last bit.
    if (ofWindow.every((weight) => weight === 1)) continue;
    weighWindow(hidden.subarray(start * dim, (start + windowLength) * dim), ofWindow, options);
  }
}

function weighWindow(window: Float32Array, weights: Float32Array, options: WeightOptions): void {
  const { dim, renormalise } = options;
  const meanBefore = mean(window);
  for (let index = 0; index < window.length; index++) {
    const weight = weights[Math.floor(index / dim)]!;
    const origin = renormalise === 'comfy' ? options.emptyHidden[index]! : 0;
    window[index] = weight * (window[index]! - origin) + origin;
  }
  if (renormalise !== 'a1111-mean') return;
  const scale = meanBefore / mean(window);
  // A window whose weights are all 0 has no mean to be scaled from.
  if (!Number.isFinite(scale)) return;
  for (let index = 0; index < window.length; index++) window[index]! *= scale;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
