import { ancestralSplit, ancestralStep, firstOrderStep, type Seen } from './first-order-step.ts';
import { MidpointScheduler, type MidpointStep } from './midpoint.ts';
import type { SolverOptions } from './solver-options.ts';

/**
 * DPM-Solver++ (2S) with ancestral noise, from k-diffusion (K. Crowson, after arXiv 2211.01095, algorithm 1): a step to
 * the geometric mean of the noise level and the level stepped down to, then the whole step by what was seen there.
 */
export class DpmSolver2SAncestralScheduler extends MidpointScheduler {
  constructor(options: SolverOptions<'sigma'>) {
    super(options, { middle: (levels) => Math.sqrt(levels.from * ancestralSplit(levels).down) });
  }

  protected toMiddle(start: Seen, { from, middle }: MidpointStep): Float32Array {
    return firstOrderStep(start, { from, to: middle });
  }

  protected toNext(start: Float32Array, { original }: Seen, { from, to }: MidpointStep): Float32Array {
    return ancestralStep({ sample: start, original }, { from, to, noise: this.noise });
  }
}
