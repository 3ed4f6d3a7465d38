import { MultistepScheduler } from './multistep.ts';
import { multistepLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

/**
 * UniPC (arXiv 2302.04867) of order 2 in the prediction of the clean picture, with B(h) = e^h - 1 ("bh2"). Each model
 * output first corrects the step before, then predicts the next one.
 */
export class UniPcScheduler extends MultistepScheduler {
  /** What was seen at the last two calls, the latest first. */
  private originals: readonly Float32Array[] = [];
  /** The step that is to be corrected. */
  private last: { readonly sample: Float32Array; readonly order: number } | undefined;

  constructor({ numInferenceSteps, schedule, spacing, predictionType }: SolverOptions<'sigma'>) {
    super(multistepLadder(numInferenceSteps, { schedule, spacing }), predictionType);
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = this.predictOriginal(modelOutput, sample, index);
    const corrected = this.last === undefined ? sample : this.correct(this.last, { original, index });
    this.originals = [original, ...this.originals].slice(0, 2);
    // Low order at both ends of the run.
    const order = Math.min(2, this.originals.length, this.timesteps.length - index);
    this.last = { sample: corrected, order };
    const differences = order === 1 ? [] : this.difference(index, 0.5);
    return this.integrate(corrected, { index, differences });
  }

  /** The step before `index` again, now that it is known what is seen at its end. */
  private correct(
    { sample, order }: { readonly sample: Float32Array; readonly order: number },
    { original, index }: { readonly original: Float32Array; readonly index: number },
  ): Float32Array {
    const step = index - 1;
    const [before] = this.originals;
    const [atEnd, earlier] = order === 1 ? [0.5, 0] : this.correctorWeights(step);
    const differences: readonly Term[] = [
      [atEnd, original],
      [-atEnd, before!],
      ...(order === 1 ? [] : this.difference(step, earlier)),
    ];
    return this.integrate(sample, { index: step, differences });
  }

  /** Solves the order conditions (equation 5 of the paper) for two points. */
  private correctorWeights(step: number): readonly [atEnd: number, earlier: number] {
    const hh = -this.logStep(step);
    const b = Math.expm1(hh);
    const phi2 = b / hh - 1;
    const phi3 = phi2 / hh - 0.5;
    const earlier = (phi2 / b - (2 * phi3) / b) / (1 - this.ratio(step));
    return [phi2 / b - earlier, earlier];
  }

  /** How far back the call before `step` lies, in lengths of that step; negative. */
  private ratio(step: number): number {
    return -this.logStep(step - 1) / this.logStep(step);
  }

  /** The change of the seen since the call before `step`, a step's length of it, times a weight. */
  private difference(step: number, weight: number): readonly Term[] {
    const [now, before] = this.originals;
    const factor = weight / this.ratio(step);
    return [
      [factor, before!],
      [-factor, now!],
    ];
  }

  /** The exponential integrator's step from `index`, with what the differences of the seen add. */
  private integrate(
    sample: Float32Array,
    { index, differences }: { readonly index: number; readonly differences: readonly Term[] },
  ): Float32Array {
    const from = this.mixture(index);
    const to = this.mixture(index + 1);
    const b = to.alpha * Math.expm1(-this.logStep(index));
    return weightedSum([
      [to.sigma / from.sigma, sample],
      [-b, this.originals[0]!],
      ...differences.map(([weight, values]): Term => [-b * weight, values]),
    ]);
  }
}
