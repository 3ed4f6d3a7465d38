import { predictedOriginal } from './prediction.ts';
import type { PredictionType, Scheduler } from './scheduler.ts';
import { mixtureOfNoiseLevel } from './variance-preserving.ts';
import { weightedSum } from './weighted-sum.ts';

export interface VarianceExplodingOptions {
  readonly timesteps: Float64Array;
  /** The noise level at each model call. */
  readonly levels: Float32Array;
  readonly initNoiseSigma: number;
  readonly predictionType: PredictionType;
}

/** A solver whose latents are original + level * noise; the network gets them scaled to unit variance. */
export abstract class VarianceExplodingScheduler implements Scheduler {
  readonly timesteps: Float64Array;
  readonly initNoiseSigma: number;
  predictedOriginal: Float32Array | undefined;
  protected readonly levels: Float32Array;
  private readonly predictionType: PredictionType;

  protected constructor({ timesteps, levels, initNoiseSigma, predictionType }: VarianceExplodingOptions) {
    this.timesteps = timesteps;
    this.levels = levels;
    this.initNoiseSigma = initNoiseSigma;
    this.predictionType = predictionType;
  }

  abstract step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array;

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    return weightedSum([[mixtureOfNoiseLevel(this.levels[index]!).alpha, sample]]);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return weightedSum([
      [1, original],
      [this.levels[index]!, noise],
    ]);
  }

  /** The clean latent that the model output of call `index` stands for; also kept for previews. */
  protected predictOriginal(output: Float32Array, sample: Float32Array, index: number): Float32Array {
    const { alpha, sigma } = mixtureOfNoiseLevel(this.levels[index]!);
    const type = this.predictionType;
    this.predictedOriginal =
      type === 'epsilon'
        ? predictedOriginal({ type, output, sample, alpha: 1, sigma: this.levels[index]! })
        : predictedOriginal({ type, output, sample: weightedSum([[alpha, sample]]), alpha, sigma });
    return this.predictedOriginal;
  }
}
