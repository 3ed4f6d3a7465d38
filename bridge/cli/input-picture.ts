import { readFile } from 'node:fs/promises';
import { EngineError } from '../../engine/errors.ts';
import type { JobImage } from '../../plugins/shared/client/client-job.ts';
import type { InputRole } from '../protocol/messages.ts';

/** Reads a picture for a job. Throws `invalid-image`, or `invalid-option` when the file cannot be read. */
export async function readInputPicture(file: string, role: InputRole): Promise<JobImage> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new EngineError(
      'invalid-option',
      `Expected the ${role} to be a readable file, but ${file}: ${reason}.`,
      {
        hint: 'Check the spelling of the path; one with spaces needs quotes around it.',
        cause,
      },
    );
  });
  if (bytes.length === 0) {
    throw new EngineError(
      'invalid-image',
      `Expected a PNG, JPEG, WebP or TIFF picture as the ${role} in ${file}, received an empty file.`,
    );
  }
  // Only a name: the engine goes by the content, which says the size as well.
  return { role, format: 'png', bytes };
}
