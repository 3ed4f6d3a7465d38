import type { SolverOptions } from './solver-options.ts';
import { remixed, TimestepScheduler } from './timestep-scheduler.ts';
import { wholeTimesteps } from './timestep-spacing.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

/** Adams-Bashforth weights of the last model outputs, the latest first, by how many there are. */
const weightsByCount: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/**
 * Pseudo numerical methods on manifolds (arXiv 2202.09778) without the Runge-Kutta start, also known as PLMS: the
 * first step is taken twice, the second time with the mean of both ends, so that n steps are n + 1 model calls. A run
 * that starts part of the way down takes its first two calls for that step too, as diffusers does.
 */
export class PndmScheduler extends TimestepScheduler {
  private readonly stride: number;
  private calls = 0;
  /** The last model outputs, the latest first. */
  private outputs: readonly Float32Array[] = [];
  /** The latent that the first step began with, until it was taken twice. */
  private start: Float32Array | undefined;

  constructor({ numInferenceSteps, spacing, schedule, predictionType }: SolverOptions<'timestep'>) {
    const { trainSteps } = schedule;
    const [first, ...rest] = wholeTimesteps(numInferenceSteps, { spacing, trainSteps });
    const timesteps = Float64Array.from([first!, ...rest.slice(0, 1), ...rest]);
    super({ timesteps, schedule, predictionType });
    this.stride = Math.floor(trainSteps / numInferenceSteps);
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const timestep = this.timesteps[index]!;
    this.calls++;
    if (this.calls === 2) {
      const mean = weightedSum([
        [1 / 2, modelOutput],
        [1 / 2, this.outputs[0]!],
      ]);
      return this.transfer(mean, { sample: this.start!, from: timestep + this.stride, to: timestep });
    }
    this.start = this.calls === 1 ? sample : undefined;
    this.outputs = [modelOutput, ...this.outputs].slice(0, weightsByCount.length);
    const weights = weightsByCount[this.outputs.length - 1]!;
    const output = weightedSum(this.outputs.map((each, back): Term => [weights[back]!, each]));
    return this.transfer(output, { sample, from: timestep, to: timestep - this.stride });
  }

  private transfer(
    output: Float32Array,
    { sample, from, to }: { readonly sample: Float32Array; readonly from: number; readonly to: number },
  ): Float32Array {
    return remixed(this.predict(output, { sample, timestep: from }), this.mixtureAt(to));
  }
}
