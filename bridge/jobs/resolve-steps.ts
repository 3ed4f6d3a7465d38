/** By which scheduler a request's picture goes from noise to what it shows, in how many steps, and at which timesteps. */
import type { DrawingDefaults } from '../../engine/api.ts';
import { checkTimesteps } from '../../engine/schedulers/custom-timesteps.ts';
import { nameOfScheduler, parseSchedulerName } from '../../engine/schedulers/scheduler-name.ts';
import type { Limits } from '../protocol/limits.ts';
import type { DiffusionFields } from '../protocol/messages.ts';
import { checkRange } from './check-numbers.ts';

type StepFields = Pick<DiffusionFields, 'scheduler' | 'numInferenceSteps' | 'timesteps'>;
type Complete = Required<Pick<StepFields, 'scheduler' | 'numInferenceSteps'>>;
export type ResolvedSteps = Complete & Pick<StepFields, 'timesteps'>;

export interface StepOptions {
  /** What a request gets that does not say. */
  readonly usual: Complete & Pick<DrawingDefaults, 'timesteps'>;
  readonly limits: Limits;
}

/**
 * As many steps as there are timesteps, where the request says those. Usual ones are for the usual scheduler and number of steps:
 * where either is another, the scheduler's own are taken. Throws `invalid-option`.
 */
export function resolveSteps(
  { scheduler: named, numInferenceSteps: said, timesteps }: StepFields,
  { usual, limits }: StepOptions,
): ResolvedSteps {
  const parsed = parseSchedulerName(named ?? usual.scheduler);
  const scheduler = nameOfScheduler(parsed);
  const numInferenceSteps = said ?? timesteps?.length ?? usual.numInferenceSteps;
  if (timesteps !== undefined) checkTimesteps(timesteps, { ...parsed, numInferenceSteps });
  checkRange('numInferenceSteps', numInferenceSteps, { min: 1, max: limits.maxInferenceSteps });
  const isUsual = scheduler === usual.scheduler && numInferenceSteps === usual.timesteps?.length;
  const chosen = timesteps ?? (isUsual ? usual.timesteps : undefined);
  return { scheduler, numInferenceSteps, ...(chosen !== undefined && { timesteps: chosen }) };
}
