import { firstOrderStep } from './first-order-step.ts';
import { sigmaLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { VarianceExplodingScheduler } from './variance-exploding.ts';

/** Euler's method on the probability flow (arXiv 2206.00364, algorithm 2 without churn and without the second order). */
export class EulerScheduler extends VarianceExplodingScheduler {
  private readonly sigmas: Float32Array;

  constructor({ numInferenceSteps, predictionType, ...options }: SolverOptions<'sigma'>) {
    const { sigmas, timesteps, initNoiseSigma } = sigmaLadder(numInferenceSteps, options);
    super({ timesteps, levels: sigmas, initNoiseSigma, predictionType });
    this.sigmas = sigmas;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = this.predictOriginal(modelOutput, sample, index);
    const levels = { from: this.sigmas[index]!, to: this.sigmas[index + 1]! };
    return firstOrderStep({ sample, original }, levels);
  }
}
