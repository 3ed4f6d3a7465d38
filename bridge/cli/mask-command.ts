/** What `fill` and `remove` have in common beside what all commands that make pictures have: a mask and a seed. */
import type { Command } from 'commander';
import type { FillRequest, RemoveRequest } from '../protocol/messages.ts';
import { type BatchFlags, batchOf } from './batch-options.ts';
import { type PictureFlags, runPictureCommand } from './picture-command.ts';

export interface MaskFlags extends PictureFlags, BatchFlags {
  readonly mask: string;
}

/** @param colours What white and black in the mask mean to the command. */
export function addMaskOption(command: Command, colours: string): Command {
  return command.requiredOption('--mask <file>', `a picture as large as the image: ${colours}`);
}

/** As `runPictureCommand`; the request is all that the shared options do not say. */
export function runMaskCommand(
  image: string,
  flags: MaskFlags,
  request: FillRequest | RemoveRequest,
): Promise<void> {
  const { mask } = flags;
  return runPictureCommand({ flags, source: image, mask, request: { ...request, ...batchOf(flags) } });
}
