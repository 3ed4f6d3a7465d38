import type { NumberFieldProps } from './widgets.ts';

/** The whole multiple of `step` nearest to what was typed, within the limits. */
export function withinLimits(
  typed: number,
  { min = -Infinity, max = Infinity, step = 1 }: Pick<NumberFieldProps, 'min' | 'max' | 'step'>,
): number {
  // Seven tenths are seven times a tenth only nearly.
  const whole = Number((Math.round(typed / step) * step).toPrecision(12));
  return Math.min(max, Math.max(min, whole));
}
