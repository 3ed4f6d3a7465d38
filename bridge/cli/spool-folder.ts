/**
 * A process's own part of the home's spool, so that a command and a server on the same home never touch each other's
 * files. Its name begins with the process id: what a killed process left behind is removed by the next one.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../home.ts';

export interface SpoolFolder {
  readonly folder: string;
  /** Removes the folder with whatever is still in it. */
  remove(): Promise<void>;
}

export async function openSpool(spoolFolder: string): Promise<SpoolFolder> {
  await removeLeftovers(spoolFolder);
  const folder = await mkdtemp(path.join(spoolFolder, `${process.pid}-`));
  return { folder, remove: () => removeFolder(folder) };
}

async function removeLeftovers(spoolFolder: string): Promise<void> {
  for (const name of await readdir(spoolFolder)) {
    const pid = /^(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeFolder(path.join(spoolFolder, name));
  }
}

/** Windows keeps a file for a moment after its process was ended. */
function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
