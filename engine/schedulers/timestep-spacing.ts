import { roundHalfToEven } from './rounding.ts';

/** How a run's timesteps lie among the training steps (arXiv 2305.08891, table 2); `sgm-uniform` is trailing without rounding. */
export type TimestepSpacing = (typeof timestepSpacings)[number];

export const timestepSpacings = ['leading', 'linspace', 'trailing', 'sgm-uniform'] as const;

/** Stable Diffusion's published configuration: leading timesteps begin at 1, not 0. */
const stepsOffset = 1;

export interface SpacingOptions {
  readonly spacing: TimestepSpacing;
  readonly trainSteps: number;
}

/**
 * `count` falling timesteps, for solvers whose last one steps to the clean picture.
 * Linspace and SGM-uniform ones may be fractional. Strides are computed as numpy's arange and linspace do, so that
 * halves are rounded to the same side.
 */
export function spacedTimesteps(count: number, { spacing, trainSteps }: SpacingOptions): Float64Array {
  const last = trainSteps - 1;
  switch (spacing) {
    case 'leading': {
      const stride = Math.floor(trainSteps / count);
      return falling(count, (rising) => rising * stride + stepsOffset);
    }
    case 'linspace': {
      const stride = count === 1 ? 0 : last / (count - 1);
      return falling(count, (rising) => rising * stride);
    }
    case 'trailing': {
      const stride = trainSteps - (trainSteps - trainSteps / count);
      return falling(count, (rising) => roundHalfToEven(trainSteps - (count - 1 - rising) * stride) - 1);
    }
    case 'sgm-uniform':
      return falling(count, (rising) => ((rising + 1) / count) * last);
  }
}

/** `spacedTimesteps`, each rounded to a whole one. */
export function wholeTimesteps(count: number, options: SpacingOptions): Float64Array {
  return spacedTimesteps(count, options).map(roundHalfToEven);
}

/**
 * `count` falling whole timesteps for the multistep solvers: of one more than asked for, evenly spaced, the last is
 * left out, since it would be the clean picture.
 */
export function multistepTimesteps(count: number, options: SpacingOptions): Float64Array {
  const reachesEnd = options.spacing === 'leading' || options.spacing === 'linspace';
  return reachesEnd ? wholeTimesteps(count + 1, options).subarray(0, count) : wholeTimesteps(count, options);
}

function falling(count: number, timestep: (rising: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => timestep(count - 1 - i));
}
