import type { NoiseSource } from '../random/noise-source.ts';
import { MultistepScheduler } from './multistep.ts';
import { multistepLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

export interface DpmSolverMultistepOptions extends SolverOptions<'sigma'> {
  readonly order: 2 | 3;
  /** Solve the reverse diffusion, adding noise at every step, instead of the probability flow. */
  readonly stochastic: boolean;
}

/**
 * DPM-Solver++ (2M), its SDE form (arXiv 2211.01095, algorithm 2 and appendix), and the third order of k-diffusion
 * (K. Crowson). The last step is first-order: what the model saw is the result.
 */
export class DpmSolverMultistepScheduler extends MultistepScheduler {
  private readonly order: number;
  private readonly stochastic: boolean;
  private readonly noise: NoiseSource;
  /** What was seen at the last calls, the latest first. */
  private originals: readonly Float32Array[] = [];

  constructor({ order, stochastic, ...options }: DpmSolverMultistepOptions) {
    super(multistepLadder(options.numInferenceSteps, options), options.predictionType);
    this.order = order;
    this.stochastic = stochastic;
    this.noise = options.noise;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = this.predictOriginal(modelOutput, sample, index);
    this.originals = [original, ...this.originals].slice(0, this.order);
    if (this.sigmas[index + 1] === 0) return original.slice();
    const from = this.mixture(index);
    const to = this.mixture(index + 1);
    const h = this.logStep(index);
    const exponent = this.stochastic ? 2 * h : h;
    const terms: Term[] = [
      [(to.alpha / from.alpha) * Math.exp(-exponent), sample],
      [-to.alpha * Math.expm1(-exponent), original],
      ...this.corrections(index, exponent).map(([weight, values]): Term => [to.alpha * weight, values]),
    ];
    if (this.stochastic) {
      terms.push([to.sigma * Math.sqrt(-Math.expm1(-2 * h)), this.noise.normal(sample.length)]);
    }
    return weightedSum(terms);
  }

  /** What the change of the seen since earlier calls adds, with the exponential integrator's own `exponent`. */
  private corrections(index: number, exponent: number): readonly Term[] {
    const [now, before, earlier] = this.originals;
    if (before === undefined) return [];
    const h = this.logStep(index);
    const r0 = this.logStep(index - 1) / h;
    // The first difference quotient, as weights of `now` and `before`.
    const first: readonly Term[] = [
      [1 / r0, now!],
      [-1 / r0, before],
    ];
    const half = -Math.expm1(-exponent) / 2;
    if (this.order === 2) return scaled(first, half);
    const phi2 = Math.expm1(-exponent) / exponent + 1;
    if (earlier === undefined) return scaled(first, phi2);
    const phi3 = phi2 / exponent - 0.5;
    const r1 = this.logStep(index - 2) / h;
    const second: readonly Term[] = [...first, [-1 / r1, before], [1 / r1, earlier]];
    return [...scaled(first, phi2), ...scaled(second, (phi2 * r0 - phi3) / (r0 + r1))];
  }
}

function scaled(terms: readonly Term[], factor: number): readonly Term[] {
  return terms.map(([weight, values]) => [factor * weight, values]);
}
