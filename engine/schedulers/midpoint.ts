import type { NoiseSource } from '../random/noise-source.ts';
import type { Levels, Seen } from './first-order-step.ts';
import { type SigmaLadder, sigmaLadder } from './sigma-ladder.ts';
import { timestepOfSigma } from './sigma-spacing.ts';
import type { SolverOptions } from './solver-options.ts';
import { VarianceExplodingScheduler } from './variance-exploding.ts';
import { weightedSum } from './weighted-sum.ts';

/** One step of a midpoint solver, between two noise levels by way of a third. */
export interface MidpointStep extends Levels {
  readonly middle: number;
}

/**
 * A solver that calls the model at each level and again at a level on the way to the next. The last step, to no noise,
 * is a single call.
 */
export abstract class MidpointScheduler extends VarianceExplodingScheduler {
  protected readonly noise: NoiseSource;
  private readonly steps: readonly MidpointStep[];
  private readonly sigmas: Float32Array;
  /** The latent that the step under way began with. */
  private start: Float32Array | undefined;

  protected constructor(
    options: SolverOptions<'sigma'>,
    { middle, ladder = sigmaLadder(options.numInferenceSteps, options) }: MidpointOptions,
  ) {
    const { sigmas, timesteps, initNoiseSigma } = ladder;
    const steps = Array.from(timesteps, (_, i) => {
      const levels = { from: sigmas[i]!, to: sigmas[i + 1]! };
      return { ...levels, middle: Math.fround(middle(levels)) };
    });
    const calls = 2 * steps.length - 1;
    const isMiddle = (call: number) => call % 2 === 1;
    const step = (call: number) => Math.floor(call / 2);
    super({
      timesteps: Float64Array.from({ length: calls }, (_, call) =>
        isMiddle(call)
          ? timestepOfSigma(options.schedule, steps[step(call)]!.middle)
          : timesteps[step(call)]!,
      ),
      levels: Float32Array.from({ length: calls }, (_, call) =>
        isMiddle(call) ? steps[step(call)]!.middle : steps[step(call)]!.from,
      ),
      initNoiseSigma,
      predictionType: options.predictionType,
    });
    this.noise = options.noise;
    this.steps = steps;
    this.sigmas = sigmas;
  }

  /** The latent at the middle level, from what was seen at the start of the step. */
  protected abstract toMiddle(start: Seen, step: MidpointStep): Float32Array;
  /** The latent at the next level, from the one at the start of the step and what was seen in the middle. */
  protected abstract toNext(start: Float32Array, middle: Seen, step: MidpointStep): Float32Array;

  step(modelOutput: Float32Array, sample: Float32Array, index: number): Float32Array {
    const original = this.predictOriginal(modelOutput, sample, index);
    const step = this.steps[Math.floor(index / 2)]!;
    const { start } = this;
    if (start !== undefined) {
      this.start = undefined;
      return this.toNext(start, { sample, original }, step);
    }
    if (step.to === 0) return original.slice();
    this.start = sample;
    return this.toMiddle({ sample, original }, step);
  }

  /** At a middle level, noise is added for the level that follows, as diffusers does. */
  override addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return weightedSum([
      [1, original],
      [this.sigmas[Math.ceil(index / 2)]!, noise],
    ]);
  }
}

export interface MidpointOptions {
  /** The level between two levels. */
  middle(levels: Levels): number;
  /** Where it is not the usual one. */
  readonly ladder?: SigmaLadder;
}
