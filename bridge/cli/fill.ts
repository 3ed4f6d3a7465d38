import { type Command, Option } from 'commander';
import { contextChoices, type FillRequest } from '../protocol/messages.ts';
import { addRepaintOptions, type RepaintFlags, repaintOf } from './diffusion-options.ts';
import { addMaskOption, type MaskFlags, runMaskCommand } from './mask-command.ts';
import { addPictureOptions } from './picture-command.ts';

interface FillFlags extends MaskFlags, RepaintFlags {
  readonly prompt?: string;
  readonly context?: NonNullable<FillRequest['context']>;
}

export function addFillCommand(program: Command): void {
  const command = program
    .command('fill <image>')
    .summary('fill the white area of a mask, from its surroundings or from words')
    .description(
      'Fill the white area of a mask from its surroundings, or from words with a Stable Diffusion checkpoint; everything else stays as it is, to the bit.',
    );
  addMaskOption(command, 'white is filled, black is kept')
    .option('--prompt <text>', 'what is to be painted; the options of a prompt need it')
    .addOption(
      new Option(
        '--context <choice>',
        'how much of the picture around the mask the model is shown (default: auto)',
      ).choices(contextChoices),
    );
  addPictureOptions(addRepaintOptions(command, { defaultStrength: 1 }))
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay fill beach.jpg --mask tourist.png -o beach-empty.png --count 3\n  $ inlay fill beach.jpg --mask tourist.png --prompt "a red parasol" -o beach.png\n',
    )
    .action((image: string, flags: FillFlags) => {
      const { prompt, context } = flags;
      return runMaskCommand(image, flags, {
        operation: 'fill',
        ...(prompt !== undefined && { prompt }),
        ...(context !== undefined && { context }),
        ...repaintOf(flags),
      });
    });
}
