/** Timesteps that a caller chooses in place of those of a scheduler's spacing: `timesteps` of diffusers' pipelines. */
import { EngineError } from '../errors.ts';
import { nameOfScheduler, type SchedulerName, type SolverName } from './scheduler-name.ts';
import { isSigmaSpacing } from './sigma-spacing.ts';

/** The noisiest of the training steps of all Stable Diffusion models. */
export const maxTimestep = 999;

/** Those whose classes take them in diffusers 0.35.2. */
const solversOfTimesteps: readonly SolverName[] = [
  'lcm',
  'tcd',
  'euler',
  'heun',
  'dpmpp-2m',
  'dpmpp-2m-sde',
  'dpmpp-3m-sde',
  'ddpm',
];

/**
 * One timestep a step, falling from 999 at most to 0 at least.
 * @throws EngineError invalid-option for other lists, and for a scheduler that takes none
 */
export function checkTimesteps(
  timesteps: readonly number[],
  { solver, spacing, numInferenceSteps }: SchedulerName & { readonly numInferenceSteps: number },
): void {
  if (timesteps.length !== numInferenceSteps) {
    throw invalid(
      `Expected one of \`timesteps\` for each of ${numInferenceSteps} steps, received ${timesteps.length}.`,
      'Leave the number of steps out: the list says it.',
    );
  }
  if (timesteps.length === 0) throw invalid('Expected one of `timesteps` at least, received none.');
  const outside = timesteps.find((each) => !Number.isInteger(each) || each < 0 || each > maxTimestep);
  if (outside !== undefined) {
    throw invalid(
      `Expected \`timesteps\` to be whole numbers from 0 to ${maxTimestep}, received ${outside}.`,
    );
  }
  const rising = timesteps.findIndex((each, i) => i > 0 && each >= timesteps[i - 1]!);
  if (rising !== -1) {
    throw invalid(
      `Expected each of \`timesteps\` to be below the one before, received ${timesteps[rising]} after ${timesteps[rising - 1]}.`,
    );
  }
  if (!solversOfTimesteps.includes(solver)) {
    throw invalid(
      `Expected a scheduler that takes \`timesteps\`, received ${nameOfScheduler({ solver, spacing })}.`,
      `Use one of ${solversOfTimesteps.join(', ')}, or leave the timesteps out.`,
    );
  }
  if (spacing !== undefined && isSigmaSpacing(spacing)) {
    throw invalid(
      `Expected no ${spacing} spacing together with \`timesteps\`, received ${nameOfScheduler({ solver, spacing })}.`,
      `Use ${solver} alone, or leave the timesteps out.`,
    );
  }
}

function invalid(message: string, hint?: string): EngineError {
  return new EngineError('invalid-option', message, hint === undefined ? {} : { hint });
}
