/** Seed and count, for the commands that leave something to chance. */
import type { Command } from 'commander';
import { defaultLimits } from '../protocol/limits.ts';
import { wholeNumber } from './options.ts';

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
