import type { Command } from 'commander';
import { addBatchOptions, type BatchFlags, batchOf } from './batch-options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

interface FillFlags extends PictureFlags, BatchFlags {
  readonly mask: string;
}

export function addFillCommand(program: Command): void {
  const command = program
    .command('fill <image>')
    .summary('fill the white area of a mask from its surroundings')
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
