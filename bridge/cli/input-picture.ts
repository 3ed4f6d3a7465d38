import { readFile } from 'node:fs/promises';
import { EngineError } from '../../engine/errors.ts';
import type { JobImage } from '../../plugins/shared/client-job.ts';
import type { InputRole } from '../protocol/messages.ts';
import { readPictureHeader } from './picture-header.ts';

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
  const header = readPictureHeader(bytes);
  if (header !== undefined) return { role, ...header, bytes };
  const received =
    bytes.length === 0 ? 'an empty file' : `${bytes.length} bytes that are none of these, or cut short`;
  throw new EngineError(
    'invalid-image',
    `Expected a PNG, JPEG, WebP or TIFF picture as the ${role} in ${file}, received ${received}.`,
  );
}
