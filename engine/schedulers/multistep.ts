import { predictedOriginal } from './prediction.ts';
import type { PredictionType } from './scheduler.ts';
import type { SigmaLadder } from './sigma-ladder.ts';
import { type Mixture, mixtureOfNoiseLevel, VariancePreservingScheduler } from './variance-preserving.ts';

/** A solver that calls the model once a step, remembers what it said, and works in the logarithm of the noise level. */
export abstract class MultistepScheduler extends VariancePreservingScheduler {
  protected readonly sigmas: Float32Array;
  protected readonly predictionType: PredictionType;

  protected constructor({ sigmas, timesteps }: SigmaLadder, predictionType: PredictionType) {
    super(timesteps);
    this.sigmas = sigmas;
    this.predictionType = predictionType;
  }

  protected mixture(index: number): Mixture {
    return mixtureOfNoiseLevel(this.sigmas[index]!);
  }

  protected predictOriginal(output: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = predictedOriginal({
      type: this.predictionType,
      output,
      sample,
      ...this.mixture(index),
    });
    this.predictedOriginal = original;
    return original;
  }

  /** How far a step goes in minus the logarithm of the noise level; infinite to no noise. */
  protected logStep(index: number): number {
    return Math.log(this.sigmas[index]! / this.sigmas[index + 1]!);
  }
}
