import { MultistepScheduler } from './multistep.ts';
import { predictedNoise } from './prediction.ts';
import { multistepLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

/** Runs shorter than this end on a first-order step. */
const longRunSteps = 15;

/**
 * Diffusion exponential integrator sampler (arXiv 2204.13902) of order 2, its polynomials in the logarithm of the noise
 * level ("log rho"). The last step goes to the lowest level of training, not to no noise.
 */
export class DeisScheduler extends MultistepScheduler {
  private previousNoise: Float32Array | undefined;

  constructor({ numInferenceSteps, schedule, spacing, predictionType }: SolverOptions<'sigma'>) {
    const { sigmas, ...ladder } = multistepLadder(numInferenceSteps, { schedule, spacing });
    sigmas[numInferenceSteps] = schedule.sigmas[0]!;
    super({ ...ladder, sigmas }, predictionType);
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    this.predictOriginal(modelOutput, sample, index);
    const from = this.mixture(index);
    const to = this.mixture(index + 1);
    const type = this.predictionType;
    const noise = weightedSum(predictedNoise({ type, output: modelOutput, sample, ...from }));
    const previous = this.previousNoise;
    this.previousNoise = noise;
    const steps = this.timesteps.length;
    const isLast = index === steps - 1 && steps < longRunSteps;
    const weights = this.weights(index, { order: previous === undefined || isLast ? 1 : 2 });
    const noises = previous === undefined ? [noise] : [noise, previous];
    return weightedSum([
      [to.alpha / from.alpha, sample],
      ...weights.map((weight, back): Term => [to.alpha * weight, noises[back]!]),
    ]);
  }

  /** The integrals, over the step in noise level, of the polynomials in log rho through the last noises. */
  private weights(index: number, { order }: { readonly order: 1 | 2 }): readonly number[] {
    const [before, from, to] = [this.sigmas[index - 1]!, this.sigmas[index]!, this.sigmas[index + 1]!];
    if (order === 1) return [to - from];
    const integral = (at: number, { one, zero }: { readonly one: number; readonly zero: number }) =>
      (at * (Math.log(at / zero) - 1)) / Math.log(one / zero);
    return [
      integral(to, { one: from, zero: before }) - integral(from, { one: from, zero: before }),
      integral(to, { one: before, zero: from }) - integral(from, { one: before, zero: from }),
    ];
  }
}
