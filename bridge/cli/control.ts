import { type Command, InvalidArgumentError } from 'commander';
import {
  type Preprocessor,
  type PreprocessorOption,
  preprocessors,
} from '../../engine/control/preprocessor-list.ts';
import { addResultOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

/** `inlay control KIND`, one command for each preprocessor. */
export function addControlCommand(program: Command): void {
  const command = program
    .command('control')
    .summary('make a control map: edges, depth and the like')
    .description(
      'Make a control map of a picture: what a ControlNet follows. It is as large as the picture; --control makes one by itself.',
    )
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay control canny photo.jpg -o edges.png --low-threshold 60 --high-threshold 120\n',
    );
  for (const preprocessor of preprocessors) addKind(command, preprocessor);
}

function addKind(control: Command, { name, description, options }: Preprocessor): void {
  const command = control
    .command(`${name} <image>`)
    .summary(description)
    .description(`Make a control map of a picture: ${description}.`);
  for (const option of options) addPreprocessorOption(command, option);
  addResultOptions(command).action((image: string, flags: PictureFlags) =>
    runPictureCommand({
      flags,
      source: image,
      request: { operation: 'control-map', preprocessor: { name, options: numbersOf(flags, options) } },
    }),
  );
}

function addPreprocessorOption(command: Command, option: PreprocessorOption): void {
  const { name, description, min, max } = option;
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (isSwitch(option)) command.option(flag, description);
  else {
    const limits = `${min} to ${max}; default: ${option.default}`;
    command.option(`${flag} <number>`, `${description} (${limits})`, numberOf(option));
  }
}

function isSwitch({ isWhole, min, max }: PreprocessorOption): boolean {
  return isWhole && min === 0 && max === 1;
}

/** Reads a number within the option's limits. */
function numberOf({ min, max, isWhole }: PreprocessorOption): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(
      `Expected a ${isWhole ? 'whole number' : 'number'} from ${min} to ${max}.`,
    );
  };
}

function numbersOf(flags: object, options: readonly PreprocessorOption[]): Readonly<Record<string, number>> {
  const given = flags as Readonly<Record<string, number | boolean | undefined>>;
  return Object.fromEntries(
    options.flatMap(({ name }) => (given[name] === undefined ? [] : [[name, Number(given[name])]])),
  );
}
