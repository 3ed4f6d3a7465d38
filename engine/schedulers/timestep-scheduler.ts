import type { NoiseSchedule } from './noise-schedule.ts';
import { type Prediction, predictedNoise, predictedOriginal } from './prediction.ts';
import type { PredictionType } from './scheduler.ts';
import { type Mixture, mixtureOfAlphasCumprod, VariancePreservingScheduler } from './variance-preserving.ts';
import { weightedSum } from './weighted-sum.ts';

export interface TimestepSchedulerOptions {
  readonly timesteps: Float64Array;
  readonly schedule: NoiseSchedule;
  readonly predictionType: PredictionType;
}

/** A model output, with the clean latent that it stands for. */
export interface TimestepPrediction extends Prediction {
  readonly original: Float32Array;
}

/** A solver that knows the noise levels of whole training steps only. */
export abstract class TimestepScheduler extends VariancePreservingScheduler {
  protected readonly alphasCumprod: Float32Array;
  private readonly predictionType: PredictionType;

  protected constructor({ timesteps, schedule, predictionType }: TimestepSchedulerOptions) {
    super(timesteps);
    this.alphasCumprod = schedule.alphasCumprod;
    this.predictionType = predictionType;
  }

  protected mixture(index: number): Mixture {
    return this.mixtureAt(this.timesteps[index]!);
  }

  /** The make-up of a latent at a timestep; beyond either end, that of the end. The low end is nearly clean. */
  protected mixtureAt(timestep: number): Mixture {
    const within = Math.min(Math.max(timestep, 0), this.alphasCumprod.length - 1);
    return mixtureOfAlphasCumprod(this.alphasCumprod[within]!);
  }

  /** What a model output at a timestep stands for; its clean latent is also kept for previews. */
  protected predict(
    output: Float32Array,
    { sample, timestep }: { readonly sample: Float32Array; readonly timestep: number },
  ): TimestepPrediction {
    const prediction = { type: this.predictionType, output, sample, ...this.mixtureAt(timestep) };
    const original = predictedOriginal(prediction);
    this.predictedOriginal = original;
    return { ...prediction, original };
  }
}

/** The clean latent and the noise of a prediction, mixed anew: the way down without new noise (arXiv 2010.02502). */
export function remixed(prediction: TimestepPrediction, { alpha, sigma }: Mixture): Float32Array {
  const noise = predictedNoise(prediction).map(([weight, values]) => [sigma * weight, values] as const);
  return weightedSum([[alpha, prediction.original], ...noise]);
}
