import type { NoiseSource } from '../random/noise-source.ts';
import type { NoiseSchedule } from './noise-schedule.ts';
import type { PredictionType } from './scheduler.ts';
import type { Spacing } from './sigma-ladder.ts';
import type { TimestepSpacing } from './timestep-spacing.ts';

/** By what a solver goes down, and the spacings that it therefore has. */
export interface SpacingOf {
  /** Whole timesteps only. */
  readonly timestep: TimestepSpacing;
  /** Any noise level. */
  readonly sigma: Spacing;
  /** The timesteps that the model was distilled on. */
  readonly distilled: undefined;
}

export type SolverKind = keyof SpacingOf;

/** What a solver is made from. */
export interface SolverOptions<Kind extends SolverKind> {
  readonly numInferenceSteps: number;
  readonly spacing: SpacingOf[Kind];
  /** In place of those of the spacing, for the solvers that take them; one a step. */
  readonly customTimesteps: Float64Array | undefined;
  readonly schedule: NoiseSchedule;
  readonly predictionType: PredictionType;
  readonly noise: NoiseSource;
}
