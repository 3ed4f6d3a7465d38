import { EngineError } from '../errors.ts';

/** Consistency models are distilled on this many evenly spaced timesteps, of which a run takes some. */
export const distilledSteps = 50;

/**
 * The timesteps of a run of a consistency model, falling.
 * @throws EngineError invalid-option for more steps than there are to take
 */
export function distilledTimesteps(
  count: number,
  { trainSteps }: { readonly trainSteps: number },
): Float64Array {
  if (count > distilledSteps) {
    throw new EngineError(
      'invalid-option',
      `The number of steps must be at most ${distilledSteps} for lcm and tcd, not ${count}.`,
      { hint: 'Use 4 to 8 steps: models for these schedulers need no more.' },
    );
  }
  const stride = Math.floor(trainSteps / distilledSteps);
  return Float64Array.from({ length: count }, (_, i) => {
    const skipped = Math.floor((i * distilledSteps) / count);
    return (distilledSteps - skipped) * stride - 1;
  });
}
