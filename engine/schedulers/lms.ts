import { sigmaLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { VarianceExplodingScheduler } from './variance-exploding.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

const order = 4;

/**
 * The linear multistep method of k-diffusion (K. Crowson): Adams-Bashforth of order 4 on the uneven noise levels. A run
 * that starts part of the way down weighs its first slopes as if earlier ones were known, as diffusers does.
 */
export class LmsScheduler extends VarianceExplodingScheduler {
  private readonly sigmas: Float32Array;
  /** The slope at each of the last noise levels, the latest first. */
  private slopes: readonly Float32Array[] = [];

  constructor({ numInferenceSteps, spacing, schedule, predictionType }: SolverOptions<'sigma'>) {
    const { sigmas, timesteps, initNoiseSigma } = sigmaLadder(numInferenceSteps, { schedule, spacing });
    super({ timesteps, levels: sigmas, initNoiseSigma, predictionType });
    this.sigmas = sigmas;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = this.predictOriginal(modelOutput, sample, index);
    const sigma = this.sigmas[index]!;
    const slope = weightedSum([
      [1 / sigma, sample],
      [-1 / sigma, original],
    ]);
    this.slopes = [slope, ...this.slopes].slice(0, order);
    const nodes = Array.from({ length: Math.min(index + 1, order) }, (_, back) => this.sigmas[index - back]!);
    const to = this.sigmas[index + 1]!;
    const terms = this.slopes.map((each, node): Term => [lagrangeIntegral(nodes, { node, to }), each]);
    return weightedSum([[1, sample], ...terms]);
  }
}

/**
 * The integral, from the first node to `to`, of the polynomial that is 1 at one node and 0 at the others. Two Gauss
 * points are exact for the cubics of four nodes.
 */
function lagrangeIntegral(
  nodes: readonly number[],
  { node, to }: { readonly node: number; readonly to: number },
): number {
  const middle = (nodes[0]! + to) / 2;
  const half = (to - nodes[0]!) / 2;
  const at = (x: number) =>
    nodes.reduce(
      (product, other, i) => (i === node ? product : (product * (x - other)) / (nodes[node]! - other)),
      1,
    );
  return half * (at(middle - half / Math.sqrt(3)) + at(middle + half / Math.sqrt(3)));
}
