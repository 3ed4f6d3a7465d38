import type { NoiseSchedule } from './noise-schedule.ts';
import { roundHalfToEven } from './rounding.ts';
import {
  isSigmaSpacing,
  logSigmaAtTimestep,
  type SigmaSpacing,
  sigmaAtTimestep,
  spacedSigmas,
  timestepOfSigma,
} from './sigma-spacing.ts';
import { multistepTimesteps, spacedTimesteps, type TimestepSpacing } from './timestep-spacing.ts';

export type Spacing = TimestepSpacing | SigmaSpacing;

/** The noise levels that a run goes down. */
export interface SigmaLadder {
  /** One a step, and the level after the last step, which is 0: the clean picture. */
  readonly sigmas: Float32Array;
  /** One a step. */
  readonly timesteps: Float64Array;
  readonly initNoiseSigma: number;
}

export interface LadderOptions {
  readonly schedule: NoiseSchedule;
  readonly spacing: Spacing;
  /** In place of those of the spacing, which is then one of timesteps. */
  readonly customTimesteps?: Float64Array | undefined;
}

/** The ladder of the solvers that work on original + sigma * noise; its timesteps may be fractional. */
export function sigmaLadder(
  count: number,
  { schedule, spacing, customTimesteps }: LadderOptions,
): SigmaLadder {
  const timestepSpacing = isSigmaSpacing(spacing) ? 'leading' : spacing;
  const { trainSteps } = schedule;
  // Single precision, as the timesteps are given to the network.
  const spaced = Float64Array.from(
    Float32Array.from(customTimesteps ?? spacedTimesteps(count, { spacing: timestepSpacing, trainSteps })),
  );
  const sigmaAt = spacing === 'sgm-uniform' ? logSigmaAtTimestep : sigmaAtTimestep;
  const evenly = spaced.map((timestep) => sigmaAt(schedule, timestep));
  const sigmas = isSigmaSpacing(spacing)
    ? spacedSigmas(count, { spacing, highest: evenly[0]!, lowest: evenly.at(-1)! })
    : evenly;
  const timesteps = isSigmaSpacing(spacing)
    ? sigmas.map((sigma) => timestepOfSigma(schedule, sigma))
    : spaced;
  const highest = Math.fround(sigmas[0]!);
  return {
    sigmas: Float32Array.from([...sigmas, 0]),
    timesteps,
    // Leading timesteps stop short of the noisiest: the picture's own variance is added to the noise's instead.
    initNoiseSigma: timestepSpacing === 'leading' ? Math.sqrt(highest ** 2 + 1) : highest,
  };
}

/** The ladder of the multistep solvers that work on latents of unit variance; its timesteps are whole. */
export function multistepLadder(
  count: number,
  { schedule, spacing, customTimesteps }: LadderOptions,
): SigmaLadder {
  if (isSigmaSpacing(spacing)) {
    const range = { highest: schedule.sigmas.at(-1)!, lowest: schedule.sigmas[0]! };
    const sigmas = spacedSigmas(count, { spacing, ...range });
    const toWhole = spacing === 'karras' ? roundHalfToEven : Math.trunc;
    return {
      sigmas: Float32Array.from([...sigmas, 0]),
      timesteps: sigmas.map((sigma) => toWhole(timestepOfSigma(schedule, sigma))),
      initNoiseSigma: 1,
    };
  }
  const timesteps =
    customTimesteps ?? multistepTimesteps(count, { spacing, trainSteps: schedule.trainSteps });
  const sigmas = Array.from(timesteps, (timestep) => sigmaAtTimestep(schedule, timestep));
  return { sigmas: Float32Array.from([...sigmas, 0]), timesteps, initNoiseSigma: 1 };
}
