/** Options that several commands share, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { deviceChoices } from '../../engine/api.ts';

/** As commander gives them. */
export interface HomeFlags {
  readonly json?: true;
  readonly home?: string;
}

export interface EngineFlags extends HomeFlags {
  readonly models?: readonly string[];
  readonly device?: string;
}

export function addHomeOption(command: Command): Command {
  return command.option('--home <folder>', "Inlay's home: models, tokens, log (env: INLAY_HOME)");
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print the result, or what went wrong, as one JSON object');
}

export function addModelsOption(command: Command): Command {
  return command.option(
    '--models <folder>',
    'one more folder to look for models in; can be given several times (env: INLAY_MODELS)',
    (folder: string, earlier: readonly string[] = []) => [...earlier, folder],
  );
}

export function addDeviceOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--device <device>',
      'what to compute on; auto takes the fastest that works (env: INLAY_DEVICE)',
    ).choices(deviceChoices),
  );
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Reads a whole number of that range. */
export function wholeNumber({ min, max }: Range): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** Reads a number above 0, such as `4` or `1.5`. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0, such as 2 or 1.5.');
}

/** Reads a number from 0, such as `7.5`. */
export function nonNegativeNumber({ max }: Pick<Range, 'max'>): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value <= max) return value;
    throw new InvalidArgumentError(`Expected a number from 0 to ${max}, such as 0.75.`);
  };
}

/** Reads a size such as `768x512`. */
export function pictureSize(text: string): { readonly width: number; readonly height: number } {
  const [, width, height] = /^(\d{1,6})[x×](\d{1,6})$/.exec(text) ?? [];
  if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  throw new InvalidArgumentError('Expected width and height in pixels, such as 768x512.');
}

/** Reads a number above 0 and at most 1, such as `0.6`. */
export function shareOfOne(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number above 0 and at most 1, such as 0.6.');
}
