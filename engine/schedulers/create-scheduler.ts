import { EngineError } from '../errors.ts';
import type { NoiseSource } from '../random/noise-source.ts';
import { DdimScheduler } from './ddim.ts';
import { EulerScheduler } from './euler.ts';
import { type Betas, noiseSchedule, stableDiffusionBetas } from './noise-schedule.ts';
import type { PredictionType, Scheduler } from './scheduler.ts';
import { parseSchedulerName, type SchedulerName, type SolverName, spacings } from './scheduler-name.ts';
import type { Spacing } from './sigma-ladder.ts';
import type { SolverOptions } from './solver-options.ts';
import { startAt } from './start-at.ts';
import type { TimestepSpacing } from './timestep-spacing.ts';

/** Far more than any picture gains from; every spacing has that many timesteps. */
export const maxInferenceSteps = 500;

export interface SchedulerOptions {
  /** 1 .. 500. */
  readonly numInferenceSteps: number;
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

type Solver =
  | {
      readonly kind: 'sigma';
      readonly callsPerStep: number;
      make(options: SolverOptions<'sigma'>): Scheduler;
    }
  | {
      readonly kind: 'timestep';
      readonly callsPerStep: number;
      make(options: SolverOptions<'timestep'>): Scheduler;
    };

const solvers: Readonly<Record<SolverName, Solver>> = {
  ddim: { kind: 'timestep', callsPerStep: 1, make: (options) => new DdimScheduler(options) },
  euler: { kind: 'sigma', callsPerStep: 1, make: (options) => new EulerScheduler(options) },
};

/**
 * The scheduler of that name (see `parseSchedulerName`), for one run.
 * @throws EngineError invalid-option for an unknown name, a spacing the solver does not have, or numbers out of range
 */
export function createScheduler(name: string, options: SchedulerOptions): Scheduler {
  const { solver: solverName, spacing: named } = parseSchedulerName(name);
  const { numInferenceSteps, strength = 1, betas = stableDiffusionBetas } = options;
  const { predictionType, rescaleZeroTerminalSnr, noise } = options;
  checkNumbers(options);
  const spacing = named ?? (rescaleZeroTerminalSnr ? 'trailing' : 'leading');
  const schedule = noiseSchedule(betas, rescaleZeroTerminalSnr);
  const solver = solvers[solverName];
  const shared = { numInferenceSteps, schedule, predictionType, noise };
  const scheduler =
    solver.kind === 'sigma'
      ? solver.make({ ...shared, spacing })
      : solver.make({ ...shared, spacing: timestepSpacing({ solver: solverName, spacing }) });
  const skippedSteps =
    numInferenceSteps - Math.min(Math.floor(numInferenceSteps * strength), numInferenceSteps);
  return startAt(scheduler, skippedSteps * solver.callsPerStep);
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

function timestepSpacing({ solver, spacing }: SchedulerName & { spacing: Spacing }): TimestepSpacing {
  if (spacing !== 'karras' && spacing !== 'exponential' && spacing !== 'beta') return spacing;
  const own = spacings.filter((each) => each !== 'karras' && each !== 'exponential' && each !== 'beta');
  throw new EngineError('invalid-option', `The scheduler ${solver} has no ${spacing} spacing.`, {
    hint: `It works on whole timesteps: use ${own.join(', ')}, or another scheduler, such as euler-${spacing}.`,
  });
}
