import type { NoiseSource } from '../random/noise-source.ts';
import type { NoiseSchedule } from './noise-schedule.ts';
import type { PredictionType } from './scheduler.ts';
import type { Spacing } from './sigma-ladder.ts';
import type { TimestepSpacing } from './timestep-spacing.ts';

/** What a solver is made from; `timestep` solvers know whole timesteps only, `sigma` solvers any noise level. */
export interface SolverOptions<Kind extends 'timestep' | 'sigma'> {
  readonly numInferenceSteps: number;
  readonly spacing: Kind extends 'timestep' ? TimestepSpacing : Spacing;
  readonly schedule: NoiseSchedule;
  readonly predictionType: PredictionType;
  readonly noise: NoiseSource;
}
