import type { Command } from 'commander';
import { addBatchOptions, type BatchFlags, batchOf } from './batch-options.ts';
import { addPictureOptions, type PictureFlags, runPictureCommand } from './picture-command.ts';

interface RemoveFlags extends PictureFlags, BatchFlags {
  readonly mask: string;
}

export function addRemoveCommand(program: Command): void {
  const command = program
    .command('remove <image>')
    .summary('remove an object: mark it roughly, and its fringes go too')
    .description(
      'Remove what is under the white area of a mask, with the fringes and soft shadow edges that a rough mask leaves beside it; everything else stays as it is, to the bit.',
    )
    .requiredOption('--mask <file>', 'a picture as large as the image: white is the object');
  addPictureOptions(addBatchOptions(command))
    .addHelpText('after', '\nExample:\n  $ inlay remove beach.jpg --mask tourist.png -o beach-empty.png\n')
    .action((image: string, flags: RemoveFlags) =>
      runPictureCommand({
        flags,
        source: image,
        mask: flags.mask,
        request: { operation: 'remove', ...batchOf(flags) },
      }),
    );
}
