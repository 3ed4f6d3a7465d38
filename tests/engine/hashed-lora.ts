/** The adaptations of `tests/golden/loras`, whose numbers are hashes of their names and keys. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeSafetensors, type TensorToWrite } from '../../models/convert/safetensors-writer.ts';
import { hashed, type Listed } from './hashed-checkpoint.ts';

export const loraGoldens = path.join(import.meta.dirname, '../golden/loras');

export interface HashedLoraOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** The name of a tensor in the file; undefined leaves it out. */
  readonly rename?: (key: string) => string | undefined;
  /** What is stored of a tensor in place of its hashes. */
  readonly change?: (key: string, values: Float32Array) => Float32Array;
}

export async function writeHashedLora(
  file: string,
  name: string,
  { metadata = {}, rename = (key) => key, change = (_, values) => values }: HashedLoraOptions = {},
): Promise<void> {
  const text = await readFile(path.join(loraGoldens, `${name}.keys.json`), 'utf8');
  const tensors: TensorToWrite[] = [];
  for (const [key, listed] of Object.entries(JSON.parse(text) as Record<string, Listed>)) {
    const renamed = rename(key);
    if (renamed === undefined) continue;
    const data = new Uint8Array(change(key, hashed(`${name}/${key}`, listed)).buffer);
    tensors.push({ name: renamed, dtype: 'F32', shape: listed[0], data });
  }
  await writeFile(file, encodeSafetensors(tensors, metadata));
}
