import type { Command } from 'commander';
import { addRepaintOptions, type RepaintFlags, repaintOf } from './diffusion-options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

type VaryFlags = PictureFlags & RepaintFlags & { readonly prompt: string };

export function addVaryCommand(program: Command): void {
  const command = program
    .command('vary <image>')
    .summary('draw a picture anew from words, near to what it was')
    .description('Draw a picture anew from words, with a Stable Diffusion checkpoint, near to what it was.')
    .requiredOption('--prompt <text>', 'what is to be seen');
  addPictureOptions(addRepaintOptions(command, { defaultStrength: 0.6 }))
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay vary sketch.png --prompt "a red house, oil painting" --strength 0.7 -o painting.png\n',
    )
    .action((image: string, flags: VaryFlags) => {
      const { prompt } = flags;
      return runPictureCommand({
        flags,
        source: image,
        request: { operation: 'vary', prompt, ...repaintOf(flags) },
      });
    });
}
