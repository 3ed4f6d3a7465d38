import { EngineError } from '../../engine/errors.ts';
import { generateSideMultiple, type Limits, minGenerateSide } from '../protocol/limits.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
  /** What has the number, where a request has several, e.g. `the LoRA "film"`. */
  readonly of?: string;
}

/** Throws `invalid-option`, also for what is no number. */
export function checkRange(name: string, value: number, { min, max, of }: Range): void {
  if (value >= min && value <= max) return;
  const field = of === undefined ? `\`${name}\`` : `\`${name}\` of ${of}`;
  throw new EngineError('invalid-option', `Expected ${field} to be ${min}..${max}, received ${value}.`);
}

/** Throws `invalid-option` for more of `things`, a plural, than a request may have. */
export function checkCount(things: string, count: number, max: number): void {
  if (count <= max) return;
  throw new EngineError('invalid-option', `Expected ${max} ${things} at most, received ${count}.`);
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
