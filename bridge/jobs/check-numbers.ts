import { EngineError } from '../../engine/errors.ts';
import { generateSideMultiple, type Limits, minGenerateSide } from '../protocol/limits.ts';

/** Throws `invalid-option`, also for what is no number. */
export function checkRange(
  name: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (value >= min && value <= max) return;
  throw new EngineError('invalid-option', `Expected \`${name}\` to be ${min}..${max}, received ${value}.`);
}

/** Throws `invalid-option` for a side that no model draws. */
export function checkSide(name: string, side: number, { maxGenerateSide }: Limits): void {
  checkRange(name, side, { min: minGenerateSide, max: maxGenerateSide });
  if (side % generateSideMultiple === 0) return;
  const below = side - (side % generateSideMultiple);
  throw new EngineError(
    'invalid-option',
    `Expected \`${name}\` to be a multiple of ${generateSideMultiple}, received ${side}.`,
    { hint: `Use ${below} or ${below + generateSideMultiple} pixels.` },
  );
}
