import type { Command } from 'commander';
import { addDiffusionOptions, type DiffusionFlags, diffusionOf } from './diffusion-options.ts';
import { pictureSize } from './options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

interface GenerateFlags extends PictureFlags, DiffusionFlags {
  readonly prompt: string;
  readonly size?: { readonly width: number; readonly height: number };
}

export function addGenerateCommand(program: Command): void {
  const command = program
    .command('generate')
    .summary('draw a picture from words')
    .description('Draw a picture from words, with a Stable Diffusion checkpoint.')
    .requiredOption('--prompt <text>', 'what is to be seen')
    .option('--size <WxH>', 'in pixels, multiples of 8, e.g. 768x512 (default: 512x512)', pictureSize);
  addPictureOptions(addDiffusionOptions(command))
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay generate --prompt "a red house in a green meadow" --size 512x512 -o house.png\n',
    )
    .action((flags: GenerateFlags) => {
      const { prompt, size } = flags;
      return runPictureCommand({
        flags,
        request: { operation: 'generate', prompt, ...size, ...diffusionOf(flags) },
      });
    });
}
