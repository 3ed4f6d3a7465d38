import type { Command } from 'commander';
import { defaultLimits } from '../protocol/limits.ts';
import { wholeNumber } from './options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

interface FillFlags extends PictureFlags, BatchFlags {
  readonly mask: string;
}

export interface BatchFlags {
  readonly seed?: number;
  readonly count?: number;
}

export function addBatchOptions(command: Command): Command {
  return command
    .option(
      '--seed <number>',
      'the same seed gives the same picture again (default: a new one each time)',
      wholeNumber({ min: 0, max: 2 ** 32 - 1 }),
    )
    .option(
      '--count <number>',
      `how many variations, 1 to ${defaultLimits.maxCount}; their files are numbered (default: 1)`,
      wholeNumber({ min: 1, max: defaultLimits.maxCount }),
    );
}

export function batchOf({ seed, count }: BatchFlags): BatchFlags {
  return { ...(seed !== undefined && { seed }), ...(count !== undefined && { count }) };
}

export function addFillCommand(program: Command): void {
  const command = program
    .command('fill <image>')
    .description(
      'Fill the white area of a mask from its surroundings; everything else stays as it is, to the bit.',
    )
    .requiredOption('--mask <file>', 'a picture as large as the image: white is filled, black is kept');
  addPictureOptions(addBatchOptions(command))
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay fill beach.jpg --mask tourist.png -o beach-empty.png --count 3\n',
    )
    .action((image: string, flags: FillFlags) =>
      runPictureCommand({
        flags,
        source: image,
        mask: flags.mask,
        request: { operation: 'fill', ...batchOf(flags) },
      }),
    );
}
