import type { NoiseSource } from '../random/noise-source.ts';
import { ancestralStep } from './first-order-step.ts';
import { sigmaLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { VarianceExplodingScheduler } from './variance-exploding.ts';

/** Euler's method with ancestral noise, from k-diffusion (K. Crowson): each step goes too far down and adds noise back. */
export class EulerAncestralScheduler extends VarianceExplodingScheduler {
  private readonly sigmas: Float32Array;
  private readonly noise: NoiseSource;

  constructor({ numInferenceSteps, spacing, schedule, predictionType, noise }: SolverOptions<'sigma'>) {
    const { sigmas, timesteps, initNoiseSigma } = sigmaLadder(numInferenceSteps, { schedule, spacing });
    super({ timesteps, levels: sigmas, initNoiseSigma, predictionType });
    this.sigmas = sigmas;
    this.noise = noise;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = this.predictOriginal(modelOutput, sample, index);
    const levels = { from: this.sigmas[index]!, to: this.sigmas[index + 1]! };
    if (levels.to === 0) return original.slice();
    return ancestralStep({ sample, original }, { ...levels, noise: this.noise });
  }
}
