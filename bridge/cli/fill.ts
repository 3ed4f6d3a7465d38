import type { Command } from 'commander';
import { addMaskOptions, type MaskFlags, runMaskCommand } from './mask-command.ts';

export function addFillCommand(program: Command): void {
  const command = program
    .command('fill <image>')
    .summary('fill the white area of a mask from its surroundings')
    .description(
      'Fill the white area of a mask from its surroundings; everything else stays as it is, to the bit.',
    );
  addMaskOptions(command, 'white is filled, black is kept')
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay fill beach.jpg --mask tourist.png -o beach-empty.png --count 3\n',
    )
    .action((image: string, flags: MaskFlags) => runMaskCommand(image, flags, { operation: 'fill' }));
}
