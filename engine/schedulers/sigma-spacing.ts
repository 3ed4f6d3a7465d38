import { betaQuantile } from './beta-quantile.ts';
import type { NoiseSchedule } from './noise-schedule.ts';

/** How the noise levels of a run lie between its highest and its lowest. */
export type SigmaSpacing = (typeof sigmaSpacings)[number];

export const sigmaSpacings = ['karras', 'exponential', 'beta'] as const;

export function isSigmaSpacing(spacing: string): spacing is SigmaSpacing {
  return sigmaSpacings.some((each) => each === spacing);
}

/** rho of the Karras spacing, as its paper recommends. */
const karrasRho = 7;

export interface SigmaRange {
  readonly spacing: SigmaSpacing;
  readonly highest: number;
  readonly lowest: number;
}

/** `count` falling noise levels, the first the highest and the last the lowest of the range. */
export function spacedSigmas(count: number, { spacing, highest, lowest }: SigmaRange): Float64Array {
  const at = {
    // arXiv 2206.00364, equation 5
    karras: (ramp: number) => mix(highest ** (1 / karrasRho), lowest ** (1 / karrasRho), ramp) ** karrasRho,
    exponential: (ramp: number) => Math.exp(mix(Math.log(highest), Math.log(lowest), ramp)),
    // arXiv 2407.12173
    beta: (ramp: number) => mix(lowest, highest, betaQuantile(1 - ramp)),
  }[spacing];
  return Float64Array.from({ length: count }, (_, i) => at(count === 1 ? 0 : i / (count - 1)));
}

/** The noise level at a timestep, between whole ones on the straight line. */
export function sigmaAtTimestep({ sigmas }: NoiseSchedule, timestep: number): number {
  const low = Math.min(Math.floor(timestep), sigmas.length - 2);
  return mix(sigmas[low]!, sigmas[low + 1]!, timestep - low);
}

/** The noise level at a timestep, between whole ones on the line of the logarithms, as k-diffusion has it. */
export function logSigmaAtTimestep({ sigmas }: NoiseSchedule, timestep: number): number {
  const low = Math.min(Math.floor(timestep), sigmas.length - 2);
  return Math.exp(mix(Math.log(sigmas[low]!), Math.log(sigmas[low + 1]!), timestep - low));
}

/** The timestep of a noise level, held to the schedule's range: the inverse of `logSigmaAtTimestep`. */
export function timestepOfSigma({ sigmas }: NoiseSchedule, sigma: number): number {
  let low = 0;
  while (low < sigmas.length - 2 && sigmas[low + 1]! <= sigma) low++;
  // Single precision, as in diffusers: it decides which way a timestep at the very end is rounded.
  const logLow = Math.fround(Math.log(sigmas[low]!));
  const logHigh = Math.fround(Math.log(sigmas[low + 1]!));
  const share = (Math.log(sigma) - logLow) / (logHigh - logLow);
  return low + Math.min(Math.max(share, 0), 1);
}

function mix(from: number, to: number, share: number): number {
  return from + share * (to - from);
}
