/** Reading a file that nothing in is believed of: what all formats share. */
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { EngineError } from '../errors.ts';

/** An open file by its real path; whoever opened it closes it. */
export interface WeightsFile {
  /** Links resolved: the runtime refuses links that leave the folder. */
  readonly path: string;
  readonly byteLength: number;
  /** Exactly that range. Throws `invalid-weights` where the file ends before it or cannot be read. */
  read(byteOffset: number, byteLength: number): Promise<Uint8Array>;
}

/** Opens a file for as long as `use` takes. Throws `model-not-found` or `invalid-weights`. */
export async function withWeightsFile<T>(path: string, use: (file: WeightsFile) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  let real: string;
  try {
    real = await realpath(path);
    handle = await open(real, 'r');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing)
      throw new EngineError('model-not-found', `Expected a weights file at ${path}, found none`, { cause });
    throw invalidWeights(path, { expected: 'a readable file', received: (cause as Error).message, cause });
  }
  try {
    const { size } = await handle.stat();
    return await use({
      path: real,
      byteLength: size,
      read: (byteOffset, byteLength) => readRange(handle, real, { byteOffset, byteLength }),
    });
  } finally {
    await handle.close();
  }
}

async function readRange(
  handle: FileHandle,
  file: string,
  { byteOffset, byteLength }: { readonly byteOffset: number; readonly byteLength: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  let filled = 0;
  while (filled < byteLength) {
    const { bytesRead } = await handle
      .read(bytes, filled, byteLength - filled, byteOffset + filled)
      .catch((cause) => {
        throw invalidWeights(file, {
          expected: 'a readable file',
          received: (cause as Error).message,
          cause,
        });
      });
    if (bytesRead === 0) {
      throw invalidWeights(file, {
        expected: `${byteLength} bytes from byte ${byteOffset}`,
        received: `the end of the file after ${filled}`,
      });
    }
    filled += bytesRead;
  }
  return bytes;
}

const maxReceivedCharacters = 200;

/** The one error of a file that is not what it should be. `received` is cut: it may come from the file. */
export function invalidWeights(
  file: string,
  {
    expected,
    received,
    cause,
    hint,
  }: {
    readonly expected: string;
    readonly received: string | undefined;
    readonly cause?: unknown;
    readonly hint?: string;
  },
): EngineError {
  const shown = (received ?? 'nothing').slice(0, maxReceivedCharacters);
  return new EngineError('invalid-weights', `Expected ${expected} in ${file}, received ${shown}`, {
    cause,
    ...(hint !== undefined && { hint }),
  });
}

/** For files that end too early. */
export const cutOffHint =
  'The download was not finished: get the file again, and compare its size with the published one.';
