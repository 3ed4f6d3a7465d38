import type { NoiseSource } from '../random/noise-source.ts';
import type { SolverOptions } from './solver-options.ts';
import { TimestepScheduler } from './timestep-scheduler.ts';
import { wholeTimesteps } from './timestep-spacing.ts';
import { type Term, weightedSum } from './weighted-sum.ts';

/** Denoising diffusion probabilistic models (arXiv 2006.11239, equation 7, with its smaller variance). */
export class DdpmScheduler extends TimestepScheduler {
  private readonly noise: NoiseSource;

  constructor(options: SolverOptions<'timestep'>) {
    const { numInferenceSteps, spacing, schedule, predictionType, noise } = options;
    const { trainSteps } = schedule;
    const timesteps = options.customTimesteps ?? wholeTimesteps(numInferenceSteps, { spacing, trainSteps });
    super({ timesteps, schedule, predictionType });
    this.noise = noise;
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const timestep = this.timesteps[index]!;
    const { original } = this.predict(modelOutput, { sample, timestep });
    const previous = this.timesteps[index + 1];
    const alphasCumprod = this.alphasCumprod[timestep]!;
    const alphasCumprodPrevious = previous === undefined ? 1 : this.alphasCumprod[previous]!;
    const alpha = alphasCumprod / alphasCumprodPrevious;
    const beta = 1 - alpha;
    const terms: Term[] = [
      [(Math.sqrt(alphasCumprodPrevious) * beta) / (1 - alphasCumprod), original],
      [(Math.sqrt(alpha) * (1 - alphasCumprodPrevious)) / (1 - alphasCumprod), sample],
    ];
    if (previous !== undefined) {
      const variance = ((1 - alphasCumprodPrevious) / (1 - alphasCumprod)) * beta;
      terms.push([Math.sqrt(variance), this.noise.normal(sample.length)]);
    }
    return weightedSum(terms);
  }
}
