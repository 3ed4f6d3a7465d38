import type { SolverOptions } from './solver-options.ts';
import { remixed, TimestepScheduler } from './timestep-scheduler.ts';
import { wholeTimesteps } from './timestep-spacing.ts';

/**
 * Denoising diffusion implicit models (arXiv 2010.02502, equation 12 with sigma 0). Each step goes down by a fixed
 * stride, the last one to timestep 0, which is not quite clean: Stable Diffusion's published configuration.
 */
export class DdimScheduler extends TimestepScheduler {
  private readonly stride: number;

  constructor({ numInferenceSteps, spacing, schedule, predictionType }: SolverOptions<'timestep'>) {
    const { trainSteps } = schedule;
    const timesteps = wholeTimesteps(numInferenceSteps, { spacing, trainSteps });
    super({ timesteps, schedule, predictionType });
    this.stride = Math.floor(trainSteps / numInferenceSteps);
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const timestep = this.timesteps[index]!;
    const prediction = this.predict(modelOutput, { sample, timestep });
    return remixed(prediction, this.mixtureAt(timestep - this.stride));
  }
}
