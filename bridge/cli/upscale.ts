import type { Command } from 'commander';
import { positiveNumber, wholeNumber } from './options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

interface UpscaleFlags extends PictureFlags {
  readonly scale?: number;
  readonly width?: number;
  readonly height?: number;
}

/** Beyond any size that the engine makes, which says itself what it can. */
const maxSide = 10 ** 6;

export function addUpscaleCommand(program: Command): void {
  const command = program
    .command('upscale <image>')
    .summary('enlarge a picture, with detail')
    .description('Enlarge a picture with a network that draws in the detail.')
    .option(
      '--scale <factor>',
      "how many times larger, e.g. 2 or 1.5 (default: the model's own factor)",
      positiveNumber,
    )
    .option(
      '--width <pixels>',
      'the exact width instead; needs --height',
      wholeNumber({ min: 1, max: maxSide }),
    )
    .option(
      '--height <pixels>',
      'the exact height instead; needs --width',
      wholeNumber({ min: 1, max: maxSide }),
    );
  addPictureOptions(command)
    .addHelpText('after', '\nExample:\n  $ inlay upscale stamp.png --scale 4 -o poster.png\n')
    .action((image: string, flags: UpscaleFlags) => {
      const { scale, width, height } = flags;
      return runPictureCommand({
        flags,
        source: image,
        request: {
          operation: 'upscale',
          ...(scale !== undefined && { scale }),
          ...(width !== undefined && { width }),
          ...(height !== undefined && { height }),
        },
      });
    });
}
