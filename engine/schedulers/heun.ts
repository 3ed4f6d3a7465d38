import type { Seen } from './first-order-step.ts';
import { sigmaLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { VarianceExplodingScheduler } from './variance-exploding.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

/**
 * Heun's second-order method on the probability flow (arXiv 2206.00364, algorithm 1 without churn): an Euler step, then
 * the same step again with the mean of the slopes at both ends. Model calls are at levels 0, 1, 1, 2, 2 and so on; the
 * last step, to no noise, is Euler's.
 */
export class HeunScheduler extends VarianceExplodingScheduler {
  private readonly sigmas: Float32Array;
  /** What the Euler step of the pair under way began with. */
  private start: Seen | undefined;

  constructor({ numInferenceSteps, predictionType, ...options }: SolverOptions<'sigma'>) {
    const { sigmas, timesteps, initNoiseSigma } = sigmaLadder(numInferenceSteps, options);
    const step = (call: number) => Math.ceil(call / 2);
    const calls = 2 * numInferenceSteps - 1;
    super({
      timesteps: Float64Array.from({ length: calls }, (_, call) => timesteps[step(call)]!),
      levels: Float32Array.from({ length: calls }, (_, call) => sigmas[step(call)]!),
      initNoiseSigma,
      predictionType,
    });
    this.sigmas = sigmas;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = this.predictOriginal(modelOutput, sample, index);
    const step = Math.floor(index / 2);
    const [sigma, next] = [this.sigmas[step]!, this.sigmas[step + 1]!];
    const { start } = this;
    const stride = next - sigma;
    if (start === undefined) {
      if (next > 0) this.start = { sample, original };
      return weightedSum([[1, sample], ...slope({ sample, original }, stride / sigma)]);
    }
    this.start = undefined;
    return weightedSum([
      [1, start.sample],
      ...slope(start, stride / sigma / 2),
      ...slope({ sample, original }, stride / next / 2),
    ]);
  }
}

/** The way from a latent's original to it, times a weight. */
function slope({ sample, original }: Seen, weight: number): readonly Term[] {
  return [
    [weight, sample],
    [-weight, original],
  ];
}
