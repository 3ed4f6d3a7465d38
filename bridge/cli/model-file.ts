/** Models given as files, which only this machine's own command line may. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelKind } from '../../engine/api.ts';
import { EngineError } from '../../engine/errors.ts';

const weightsExtensions: readonly string[] = ['.safetensors', '.ckpt', '.pt', '.pth'];

export interface ModelFile {
  /** What the request calls it. */
  readonly name: string;
  readonly file: string;
  readonly kind: ModelKind;
}

/** The file or folder that an option names, if it does not name an installed model. Throws `model-not-found`. */
export async function findModelFile(
  option: string,
  text: string | undefined,
  kind: ModelKind,
): Promise<ModelFile | undefined> {
  if (text === undefined) return undefined;
  const looksLikeFile =
    weightsExtensions.includes(path.extname(text)) || text.includes('/') || text.includes(path.sep);
  const found = await stat(text).catch(() => undefined);
  // A folder with a model's name is no model, unless it is given as a path.
  if (found?.isFile() || (found?.isDirectory() && looksLikeFile)) {
    const file = path.resolve(text);
    return { name: nameOf(file), file, kind };
  }
  if (!looksLikeFile) return undefined;
  throw new EngineError('model-not-found', `Expected ${option} to be a file, but there is none at ${text}.`, {
    hint: 'Check the path, or give one of the names that `inlay models` lists.',
  });
}

function nameOf(file: string): string {
  const { name, base, ext } = path.parse(file);
  return weightsExtensions.includes(ext) ? name : base;
}
