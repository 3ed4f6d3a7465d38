import type { Command } from 'commander';
import { addBatchOptions } from './batch-options.ts';
import { addMaskOption, type MaskFlags, runMaskCommand } from './mask-command.ts';
import { addPictureOptions } from './picture-command.ts';

export function addRemoveCommand(program: Command): void {
  const command = program
    .command('remove <image>')
    .summary('remove an object: mark it roughly, and its fringes go too')
    .description(
      'Remove what is under the white area of a mask, with the fringes and soft shadow edges that a rough mask leaves beside it; everything else stays as it is, to the bit.',
    );
  addPictureOptions(addBatchOptions(addMaskOption(command, 'white is the object')))
    .addHelpText('after', '\nExample:\n  $ inlay remove beach.jpg --mask tourist.png -o beach-empty.png\n')
    .action((image: string, flags: MaskFlags) => runMaskCommand(image, flags, { operation: 'remove' }));
}
