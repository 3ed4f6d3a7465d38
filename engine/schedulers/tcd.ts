import type { NoiseSource } from '../random/noise-source.ts';
import { distilledTimesteps } from './distilled-timesteps.ts';
import type { SolverOptions } from './solver-options.ts';
import { remixed, TimestepScheduler } from './timestep-scheduler.ts';
import { weightedSum } from './weighted-sum.ts';

/** Gamma of the paper: how far beyond the next timestep a step goes before noise is added back. */
const stochasticity = 0.3;

/** Trajectory consistency distillation (arXiv 2402.19159, algorithm 4, strategic stochastic sampling). */
export class TcdScheduler extends TimestepScheduler {
  private readonly noise: NoiseSource;

  constructor(options: SolverOptions<'distilled'>) {
    const { numInferenceSteps, schedule, predictionType, noise } = options;
    const timesteps = options.customTimesteps ?? distilledTimesteps(numInferenceSteps, schedule);
    super({ timesteps, schedule, predictionType });
    this.noise = noise;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const prediction = this.predict(modelOutput, { sample, timestep: this.timesteps[index]! });
    const next = this.timesteps[index + 1];
    if (next === undefined) return remixed(prediction, this.mixtureAt(0));
    const beyond = this.mixtureAt(Math.floor((1 - stochasticity) * next));
    const kept = this.mixtureAt(next).alpha / beyond.alpha;
    return weightedSum([
      [kept, remixed(prediction, beyond)],
      [Math.sqrt(1 - kept ** 2), this.noise.normal(sample.length)],
    ]);
  }
}
