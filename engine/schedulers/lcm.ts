import type { NoiseSource } from '../random/noise-source.ts';
import { distilledTimesteps } from './distilled-timesteps.ts';
import type { SolverOptions } from './solver-options.ts';
import { TimestepScheduler } from './timestep-scheduler.ts';
import { weightedSum } from './weighted-sum.ts';

/** Of the boundary condition at timestep 0, where the network's input must come out as it is. */
const sigmaData = 0.5;
const timestepScaling = 10;

/** Latent consistency models (arXiv 2310.04378, algorithm 3): to the clean latent at once, and noise added back. */
export class LcmScheduler extends TimestepScheduler {
  private readonly noise: NoiseSource;

  constructor(options: SolverOptions<'distilled'>) {
    const { numInferenceSteps, schedule, predictionType, noise } = options;
    const timesteps = options.customTimesteps ?? distilledTimesteps(numInferenceSteps, schedule);
    super({ timesteps, schedule, predictionType });
    this.noise = noise;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const timestep = this.timesteps[index]!;
    const { original } = this.predict(modelOutput, { sample, timestep });
    const scaled = timestep * timestepScaling;
    const squares = scaled ** 2 + sigmaData ** 2;
    const denoised = weightedSum([
      [scaled / Math.sqrt(squares), original],
      [sigmaData ** 2 / squares, sample],
    ]);
    this.predictedOriginal = denoised;
    if (index === this.timesteps.length - 1) return denoised.slice();
    const { alpha, sigma } = this.mixture(index + 1);
    return weightedSum([
      [alpha, denoised],
      [sigma, this.noise.normal(sample.length)],
    ]);
  }
}
