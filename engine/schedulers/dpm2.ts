import { ancestralSplit, firstOrderStep, type Levels, type Seen } from './first-order-step.ts';
import { MidpointScheduler, type MidpointStep } from './midpoint.ts';
import { roundHalfToEven } from './rounding.ts';
import { type SigmaLadder, sigmaLadder } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

export interface Dpm2Options extends SolverOptions<'sigma'> {
  /** Whether each step goes too far down and adds noise back. */
  readonly ancestral: boolean;
}

/**
 * DPM-Solver-2 as k-diffusion has it (arXiv 2206.00927, algorithm 4; arXiv 2206.00364): the slope at the geometric
 * mean of two noise levels carries the whole step.
 */
export class Dpm2Scheduler extends MidpointScheduler {
  private readonly split: typeof ancestralSplit;

  constructor(options: Dpm2Options) {
    const split = options.ancestral ? ancestralSplit : ({ to }: Levels) => ({ down: to, up: 0 });
    super(options, {
      ladder: ladderOf(options),
      middle: (levels) => Math.sqrt(levels.from * split(levels).down),
    });
    this.split = split;
  }

  protected toMiddle(start: Seen, { from, middle }: MidpointStep): Float32Array {
    return firstOrderStep(start, { from, to: middle });
  }

  protected toNext(start: Float32Array, { sample, original }: Seen, step: MidpointStep): Float32Array {
    const { down, up } = this.split(step);
    const slope = (down - step.from) / step.middle;
    const terms: Term[] = [
      [1, start],
      [slope, sample],
      [-slope, original],
    ];
    if (up > 0) terms.push([up, this.noise.normal(start.length)]);
    return weightedSum(terms);
  }
}

/** The timesteps of Karras levels are rounded for this solver, as diffusers does. */
function ladderOf(options: Dpm2Options): SigmaLadder {
  const ladder = sigmaLadder(options.numInferenceSteps, options);
  return options.spacing === 'karras'
    ? { ...ladder, timesteps: ladder.timesteps.map(roundHalfToEven) }
    : ladder;
}
