import { type Command, Option } from 'commander';
import { highResolutionChoices } from '../protocol/messages.ts';
import { addDiffusionOptions, type DiffusionFlags, diffusionOf } from './diffusion-options.ts';
import { pictureSize, shareOfOne } from './options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

interface GenerateFlags extends PictureFlags, DiffusionFlags {
  readonly prompt: string;
  readonly highResolution?: (typeof highResolutionChoices)[number];
  readonly highResolutionStrength?: number;
  readonly size?: { readonly width: number; readonly height: number };
}

export function addGenerateCommand(program: Command): void {
  const command = program
    .command('generate')
    .summary('draw a picture from words')
    .description('Draw a picture from words, with a Stable Diffusion checkpoint.')
    .requiredOption('--prompt <text>', 'what is to be seen')
    .option(
      '--size <WxH>',
      'in pixels, multiples of 8, e.g. 768x512 (default: what the checkpoint was trained at, in the proportions of a control image)',
      pictureSize,
    )
    .addOption(
      new Option(
        '--high-resolution <choice>',
        'draw small first, then over that enlarged; auto: where the size is far above what the checkpoint was trained at (default: auto)',
      ).choices(highResolutionChoices),
    )
    .option(
      '--high-resolution-strength <number>',
      'how much of the first pass goes in the second, above 0; 1 = all (default: 0.5)',
      shareOfOne,
    );
  addPictureOptions(addDiffusionOptions(command))
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay generate --prompt "a red house in a green meadow" --size 512x512 -o house.png\n  $ inlay generate --prompt "a red house in the snow" --control image=sketch.png,preprocess=canny -o snow.png\n',
    )
    .action((flags: GenerateFlags) => {
      const { prompt, size, highResolution, highResolutionStrength } = flags;
      return runPictureCommand({
        flags,
        request: {
          operation: 'generate',
          prompt,
          ...size,
          ...(highResolution !== undefined && { highResolution }),
          ...(highResolutionStrength !== undefined && { highResolutionStrength }),
          ...diffusionOf(flags),
        },
      });
    });
}
