import type { Command } from 'commander';
import { addPaintOptions, type PaintFlags, paintOf } from './diffusion-options.ts';
import { addMaskOption, type MaskFlags, runMaskCommand } from './mask-command.ts';
import { addPictureOptions } from './picture-command.ts';

type FillFlags = MaskFlags & PaintFlags;

export function addFillCommand(program: Command): void {
  const command = program
    .command('fill <image>')
    .summary('fill the white area of a mask, from its surroundings or from words')
    .description(
      'Fill the white area of a mask from its surroundings, or from words with a Stable Diffusion checkpoint; everything else stays as it is, to the bit.',
    );
  addMaskOption(command, 'white is filled, black is kept');
  addPictureOptions(addPaintOptions(command))
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay fill beach.jpg --mask tourist.png -o beach-empty.png --count 3\n  $ inlay fill beach.jpg --mask tourist.png --prompt "a red parasol" -o beach.png\n',
    )
    .action((image: string, flags: FillFlags) =>
      runMaskCommand(image, flags, { operation: 'fill', ...paintOf(flags) }),
    );
}
