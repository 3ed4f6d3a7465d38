/** The changes that an adaptation's file holds. */
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

/** Throws what is wrong with the file. */
export async function readLora(file: string): Promise<Lora> {
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
