import { predictedNoise, predictedOriginal } from './prediction.ts';
import type { PredictionType } from './scheduler.ts';
import type { SolverOptions } from './solver-options.ts';
import { wholeTimesteps } from './timestep-spacing.ts';
import { type Mixture, mixtureOfAlphasCumprod, VariancePreservingScheduler } from './variance-preserving.ts';
import { weightedSum } from './weighted-sum.ts';

/**
 * Denoising diffusion implicit models (arXiv 2010.02502, equation 12 with sigma 0). The step goes down by a fixed
 * stride, and after the last timestep to that of timestep 0, which is not quite clean: Stable Diffusion's published
 * configuration.
 */
export class DdimScheduler extends VariancePreservingScheduler {
  private readonly alphasCumprod: Float32Array;
  private readonly stride: number;
  private readonly predictionType: PredictionType;

  constructor({ numInferenceSteps, spacing, schedule, predictionType }: SolverOptions<'timestep'>) {
    const { trainSteps, alphasCumprod } = schedule;
    super(wholeTimesteps(numInferenceSteps, { spacing, trainSteps }));
    this.alphasCumprod = alphasCumprod;
    this.stride = Math.floor(trainSteps / numInferenceSteps);
    this.predictionType = predictionType;
  }

  protected mixture(index: number): Mixture {
    return this.mixtureAt(this.timesteps[index]!);
  }

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const timestep = this.timesteps[index]!;
    const prediction = {
      type: this.predictionType,
      output: modelOutput,
      sample,
      ...this.mixtureAt(timestep),
    };
    const original = predictedOriginal(prediction);
    this.predictedOriginal = original;
    const previous = this.mixtureAt(timestep - this.stride);
    const noise = predictedNoise(prediction).map(
      ([weight, values]) => [previous.sigma * weight, values] as const,
    );
    return weightedSum([[previous.alpha, original], ...noise]);
  }

  private mixtureAt(timestep: number): Mixture {
    return mixtureOfAlphasCumprod(this.alphasCumprod[Math.max(timestep, 0)]!);
  }
}
