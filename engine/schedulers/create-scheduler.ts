import { EngineError } from '../errors.ts';
import type { NoiseSource } from '../random/noise-source.ts';
import { checkTimesteps } from './custom-timesteps.ts';
import { type Betas, noiseSchedule, stableDiffusionBetas } from './noise-schedule.ts';
import type { PredictionType, Scheduler } from './scheduler.ts';
import { parseSchedulerName, type SchedulerName, spacings } from './scheduler-name.ts';
import { isSigmaSpacing } from './sigma-spacing.ts';
import { solvers } from './solvers.ts';
import { startAt } from './start-at.ts';

/** Far more than any picture gains from; every spacing has that many timesteps. */
export const maxInferenceSteps = 500;

export interface SchedulerOptions {
  /** 1 .. 500. */
  readonly numInferenceSteps: number;
  /** In place of those of the spacing: see `checkTimesteps`. As many as there are steps. */
  readonly timesteps?: readonly number[] | undefined;
  /** 0 < strength <= 1: the share of the steps, counted from the end, that is run. 1 when left out. */
  readonly strength?: number;
  /** Stable Diffusion's when left out. */
  readonly betas?: Betas;
  readonly predictionType: PredictionType;
  /** For checkpoints trained with it; the spacing is then trailing unless the name says another. */
  readonly rescaleZeroTerminalSnr: boolean;
  /** Continued by the solvers that add noise at every step, after the caller drew the first latent from it. */
  readonly noise: NoiseSource;
}

/**
 * The scheduler of that name (see `parseSchedulerName`), for one run.
 * @throws EngineError invalid-option for an unknown name, a spacing or timesteps that the solver does not take, or numbers out
 * of range
 */
export function createScheduler(name: string, options: SchedulerOptions): Scheduler {
  const parsed = parseSchedulerName(name);
  checkNumbers(options);
  const { numInferenceSteps, timesteps, strength = 1 } = options;
  if (timesteps !== undefined) checkTimesteps(timesteps, { ...parsed, numInferenceSteps });
  const skippedSteps = numInferenceSteps - Math.floor(numInferenceSteps * strength);
  return startAt(wholeRun(parsed, options), skippedSteps * solvers[parsed.solver].callsPerStep);
}

/** The scheduler of a run from pure noise. */
function wholeRun(
  { solver: solverName, spacing: named }: SchedulerName,
  options: SchedulerOptions,
): Scheduler {
  const { numInferenceSteps, timesteps, betas = stableDiffusionBetas } = options;
  const { predictionType, rescaleZeroTerminalSnr, noise } = options;
  const schedule = noiseSchedule(betas, rescaleZeroTerminalSnr);
  const customTimesteps = timesteps && Float64Array.from(timesteps);
  const shared = { numInferenceSteps, customTimesteps, schedule, predictionType, noise };
  const spacing = named ?? (rescaleZeroTerminalSnr ? 'trailing' : 'leading');
  const solver = solvers[solverName];
  switch (solver.kind) {
    case 'sigma':
      return solver.make({ ...shared, spacing });
    case 'timestep': {
      if (!isSigmaSpacing(spacing)) return solver.make({ ...shared, spacing });
      const own = spacings.filter((each) => !isSigmaSpacing(each)).join(', ');
      const hint = `It works on whole timesteps: use ${own}, or another scheduler, such as euler-${spacing}.`;
      throw new EngineError('invalid-option', `The scheduler ${solverName} has no ${spacing} spacing.`, {
        hint,
      });
    }
    case 'distilled': {
      if (named === undefined) return solver.make({ ...shared, spacing: undefined });
      const hint = `Its timesteps are those of the model's distillation: use ${solverName} alone.`;
      throw new EngineError('invalid-option', `The scheduler ${solverName} has no ${named} spacing.`, {
        hint,
      });
    }
  }
}

function checkNumbers({
  numInferenceSteps,
  strength = 1,
  predictionType,
  rescaleZeroTerminalSnr,
}: SchedulerOptions): void {
  if (
    !Number.isInteger(numInferenceSteps) ||
    numInferenceSteps < 1 ||
    numInferenceSteps > maxInferenceSteps
  ) {
    throw new EngineError(
      'invalid-option',
      `The number of steps must be a whole number from 1 to ${maxInferenceSteps}, not ${numInferenceSteps}.`,
    );
  }
  if (!(strength > 0 && strength <= 1)) {
    throw new EngineError('invalid-option', `The strength must be over 0 and at most 1, not ${strength}.`);
  }
  if (Math.floor(numInferenceSteps * strength) < 1) {
    throw new EngineError(
      'invalid-option',
      `With strength ${strength}, ${numInferenceSteps} steps leave none to run.`,
      { hint: `Use at least ${Math.ceil(1 / strength)} steps, or a higher strength.` },
    );
  }
  if (rescaleZeroTerminalSnr && predictionType === 'epsilon') {
    throw new EngineError(
      'invalid-option',
      'Zero terminal SNR needs v prediction: at pure noise, a prediction of the noise says nothing of the picture.',
      { hint: 'Set the prediction type to v, or leave the rescaling out.' },
    );
  }
}
