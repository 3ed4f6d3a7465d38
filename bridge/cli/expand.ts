import type { Command } from 'commander';
import { defaultLimits } from '../protocol/limits.ts';
import { addPaintOptions, type PaintFlags, paintOf } from './diffusion-options.ts';
import { wholeNumber } from './options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

const sides = ['left', 'right', 'top', 'bottom'] as const;

type ExpandFlags = PictureFlags & PaintFlags & Partial<Record<(typeof sides)[number], number>>;

export function addExpandCommand(program: Command): void {
  const command = program
    .command('expand <image>')
    .summary('make the canvas larger and continue the picture')
    .description(
      'Make the canvas larger on any side and continue the picture into it, from itself or from words; the picture itself is kept.',
    );
  for (const side of sides) {
    command.option(
      `--${side} <pixels>`,
      `how much to add on the ${side} (default: 0)`,
      wholeNumber({ min: 0, max: defaultLimits.maxExpandPixels }),
    );
  }
  addPictureOptions(addPaintOptions(command))
    .addHelpText('after', '\nExample:\n  $ inlay expand portrait.jpg --left 400 --right 400 -o wide.png\n')
    .action((image: string, flags: ExpandFlags) => {
      const { left = 0, right = 0, top = 0, bottom = 0 } = flags;
      return runPictureCommand({
        flags,
        source: image,
        request: { operation: 'expand', left, right, top, bottom, ...paintOf(flags) },
      });
    });
}
