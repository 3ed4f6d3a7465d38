import { access, constants, copyFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type EncodedFormat, encodedFormats } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';

const formatByExtension: Readonly<Record<string, EncodedFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
};

/** The format that an output file's extension stands for. Throws `invalid-option`. */
export function formatOfFile(file: string): EncodedFormat {
  const format = formatByExtension[path.extname(file).toLowerCase()];
  if (format !== undefined) return format;
  throw new EngineError(
    'invalid-option',
    `Expected the output file to end in ${Object.keys(formatByExtension).join(', ')}, received ${file}.`,
    { hint: `Choose one of ${encodedFormats.join(', ')} by the file's ending, e.g. -o out.png.` },
  );
}

/** `out.png` for a single result; `out-1.png`, `out-2.png` … for several. */
export function numberedFile(file: string, index: number, count: number): string {
  if (count === 1) return file;
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}-${index + 1}${ext}`);
}

/** Sees before the work starts that its result can be written there. Throws `invalid-option`. */
export async function checkOutputFile(file: string): Promise<void> {
  try {
    const folder = path.dirname(file);
    await access(folder, constants.W_OK);
    if (!(await stat(folder)).isDirectory()) throw systemError('ENOTDIR', `${folder} is a file`);
    const existing = await stat(file).catch(() => undefined);
    if (existing?.isDirectory()) throw systemError('EISDIR', 'it is a folder');
  } catch (error) {
    throw writeError(error, file);
  }
}

function systemError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

/** Writes a result whole or not at all: a file that was there before survives a full disk or a lost process. */
export async function writeResult(
  file: string,
  content: { readonly bytes: Uint8Array } | { readonly file: string },
): Promise<void> {
  const partial = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`);
  try {
    if ('bytes' in content) await writeFile(partial, content.bytes);
    else await moveFile(content.file, partial);
    await rename(partial, file);
  } catch (error) {
    // Where the folder is no folder there is nothing to remove, and the reason is the write's.
    await rm(partial, { force: true }).catch(() => {});
    throw writeError(error, file);
  }
}

/** A spooled result may lie on another disk, where a rename cannot reach. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyFile(from, to);
    await rm(from, { force: true });
  }
}

function writeError(error: unknown, file: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new EngineError('invalid-option', `Expected the folder of ${file} to exist.`, {
        hint: 'Create the folder first.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EISDIR':
      return new EngineError('invalid-option', `Could not write ${file}: ${(error as Error).message}`, {
        hint: 'Choose a place where you may write.',
        cause: error,
      });
    default:
      return error;
  }
}
