import { stat } from 'node:fs/promises';
import path from 'node:path';
import { diffusersFolderStat } from '../weights/diffusers-folder.ts';
import { openCheckpoint } from '../weights/open-checkpoint.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import type { NetworkSource } from './network-loader.ts';
import { readSidecarConfig } from './sidecar-config.ts';

/** A weights file as it is now. */
export interface OpenedFile {
  readonly opened: Checkpoint;
  /** Tells it from all others, and from itself before it was changed. */
  readonly key: string;
}

/** Reads the header only. Throws what is wrong with the file. */
export async function openFile(file: string): Promise<OpenedFile> {
  const found = await stat(file);
  const { mtimeMs, size } = found.isDirectory() ? await diffusersFolderStat(file) : found;
  const opened = await openCheckpoint(file);
  // A folder has its own configuration.
  const { attention = opened.attention } = found.isDirectory() ? {} : await readSidecarConfig(file);
  const heads = JSON.stringify(attention ?? {});
  return {
    opened: attention === undefined ? opened : { ...opened, attention },
    key: `${file}, ${size} bytes of ${mtimeMs}, ${heads}`,
  };
}

/** One of the networks of a file. */
export function sourceOf(
  { opened, key }: OpenedFile,
  network: string,
  emit: NetworkSource['emit'],
): NetworkSource {
  return {
    checkpoint: opened,
    key: `${key}, ${network}`,
    title: `the ${network} of ${path.basename(opened.file)}`,
    emit,
  };
}
