/** The changes that an adaptation's file holds, read once and kept while they are in use. */

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isFactors, type LoraChange, readLoraChange } from '../weights/lora-change.ts';
import { type LoraModule, loraModules } from '../weights/lora-modules.ts';
import { openCheckpoint } from '../weights/open-checkpoint.ts';

export interface Lora {
  /** The file, as a sentence names it. */
  readonly title: string;
  readonly changes: readonly { readonly module: LoraModule; readonly change: LoraChange }[];
  readonly bytes: number;
}

/** What is kept of files between jobs, so that a strength is changed without reading them again. */
export const maxKeptBytes = 2 ** 30;

export class LoraReader {
  /** By file as it was, the one used longest ago first. */
  readonly #kept = new Map<string, Lora>();

  /** Throws what is wrong with the file. */
  async read(file: string): Promise<Lora> {
    const { mtimeMs, size } = await stat(file);
    const key = `${file}, ${size} bytes of ${mtimeMs}`;
    const lora = this.#kept.get(key) ?? (await readLora(file));
    this.#kept.delete(key);
    this.#kept.set(key, lora);
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + kept.bytes, 0);
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (bytes <= maxKeptBytes || oldest === key) break;
      this.#kept.delete(oldest);
      bytes -= freed;
    }
    return lora;
  }
}

async function readLora(file: string): Promise<Lora> {
  const checkpoint = await openCheckpoint(file);
  const changes: Lora['changes'][number][] = [];
  let bytes = 0;
  for (const module of loraModules(checkpoint)) {
    const change = await readLoraChange(checkpoint, module);
    changes.push({ module, change });
    bytes += bytesOf(change);
  }
  return { title: path.basename(file), changes, bytes };
}

function bytesOf({ added }: LoraChange): number {
  const matrices = isFactors(added) ? [added.up, added.down] : [added];
  return matrices.reduce((sum, { data }) => sum + data.byteLength, 0);
}
