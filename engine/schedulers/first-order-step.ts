import type { NoiseSource } from '../random/noise-source.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

/** A latent original + level * noise, and the clean latent that the model saw in it. */
export interface Seen {
  readonly sample: Float32Array;
  readonly original: Float32Array;
}

/** From one noise level to another. */
export interface Levels {
  readonly from: number;
  readonly to: number;
}

/** The latent at another noise level with what was seen in it unchanged: Euler's step, and that of DPM-Solver++ (1). */
export function firstOrderStep(seen: Seen, levels: Levels): Float32Array {
  return weightedSum(firstOrderTerms(seen, levels));
}

/** A first-order step that goes too far down, and noise added back up to the level asked for. */
export function ancestralStep(
  seen: Seen,
  { from, to, noise }: Levels & { readonly noise: NoiseSource },
): Float32Array {
  const { down, up } = ancestralSplit({ from, to });
  return weightedSum([...firstOrderTerms(seen, { from, to: down }), [up, noise.normal(seen.sample.length)]]);
}

/**
 * The level to step down to, and the standard deviation of the noise to add after, so that a step between two noise
 * levels is one of the reverse diffusion (arXiv 2006.11239, in terms of noise levels).
 */
export function ancestralSplit({ from, to }: Levels): { readonly down: number; readonly up: number } {
  const up = Math.min(to, (to * Math.sqrt(from ** 2 - to ** 2)) / from);
  return { down: Math.sqrt(Math.max(to ** 2 - up ** 2, 0)), up };
}

function firstOrderTerms({ sample, original }: Seen, { from, to }: Levels): readonly Term[] {
  const kept = to / from;
  return [
    [kept, sample],
    [1 - kept, original],
  ];
}
