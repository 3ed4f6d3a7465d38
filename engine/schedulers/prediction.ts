import type { PredictionType } from './scheduler.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

/** A latent `sample = alpha * original + sigma * noise`, and what the model said of it. */
export interface Prediction {
  readonly type: PredictionType;
  readonly output: Float32Array;
  readonly sample: Float32Array;
  readonly alpha: number;
  readonly sigma: number;
}

/** The clean latent that a model output stands for. The velocity is alpha * noise - sigma * original, alpha^2 + sigma^2 = 1. */
export function predictedOriginal({ type, output, sample, alpha, sigma }: Prediction): Float32Array {
  switch (type) {
    case 'epsilon':
      return weightedSum([
        [1 / alpha, sample],
        [-sigma / alpha, output],
      ]);
    case 'v_prediction':
      return weightedSum([
        [alpha, sample],
        [-sigma, output],
      ]);
    case 'sample':
      return output;
  }
}

/** The noise that a model output stands for, as one or two terms of a sum. */
export function predictedNoise({ type, output, sample, alpha, sigma }: Prediction): readonly Term[] {
  switch (type) {
    case 'epsilon':
      return [[1, output]];
    case 'v_prediction':
      return [
        [alpha, output],
        [sigma, sample],
      ];
    case 'sample':
      return [
        [1 / sigma, sample],
        [-alpha / sigma, output],
      ];
  }
}
