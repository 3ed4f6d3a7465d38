import type { Scheduler } from './scheduler.ts';
import { weightedSum } from './weighted-sum.ts';

/** A latent's make-up: sample = alpha * original + sigma * noise, alpha^2 + sigma^2 = 1. */
export interface Mixture {
  readonly alpha: number;
  readonly sigma: number;
}

/** The make-up at which `alphasCumprod` of the variance is the picture's. */
export function mixtureOfAlphasCumprod(alphasCumprod: number): Mixture {
  return { alpha: Math.sqrt(alphasCumprod), sigma: Math.sqrt(1 - alphasCumprod) };
}

/** The make-up of a latent with noise over picture `noiseLevel`. */
export function mixtureOfNoiseLevel(noiseLevel: number): Mixture {
  const alpha = 1 / Math.sqrt(noiseLevel ** 2 + 1);
  return { alpha, sigma: noiseLevel * alpha };
}

/** A solver whose latents keep unit variance all the way, so that the network gets them as they are. */
export abstract class VariancePreservingScheduler implements Scheduler {
  readonly timesteps: Float64Array;
  readonly initNoiseSigma = 1;
  predictedOriginal: Float32Array | undefined;

  protected constructor(timesteps: Float64Array) {
    this.timesteps = timesteps;
  }

  /** The make-up of the latent that model call `index` starts from. */
  protected abstract mixture(index: number): Mixture;
  abstract step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array;

  scaleModelInput(sample: Float32Array, _index: number): Float32Array {
    return sample;
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    const { alpha, sigma } = this.mixture(index);
    return weightedSum([
      [alpha, original],
      [sigma, noise],
    ]);
  }
}
