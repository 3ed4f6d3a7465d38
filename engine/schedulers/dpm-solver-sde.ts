import { ancestralStep, type Seen } from './first-order-step.ts';
import { MidpointScheduler, type MidpointStep } from './midpoint.ts';
import type { SolverOptions } from './solver-options.ts';

/**
 * DPM-Solver++ (SDE), from k-diffusion (K. Crowson, after arXiv 2211.01095): an ancestral step to the geometric mean of
 * two noise levels, then one from the start to the next level by what was seen there. Its noise is plain normal
 * numbers; k-diffusion and diffusers draw from a Brownian tree, so the same seed gives another picture there.
 */
export class DpmSolverSdeScheduler extends MidpointScheduler {
  constructor(options: SolverOptions<'sigma'>) {
    super(options, { middle: ({ from, to }) => Math.sqrt(from * to) });
  }

  protected toMiddle(start: Seen, { from, middle }: MidpointStep): Float32Array {
    return ancestralStep(start, { from, to: middle, noise: this.noise });
  }

  protected toNext(start: Float32Array, { original }: Seen, { from, to }: MidpointStep): Float32Array {
    return ancestralStep({ sample: start, original }, { from, to, noise: this.noise });
  }
}
