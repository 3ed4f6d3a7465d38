import { zipSync } from 'fflate';
import type { PluginFiles } from './plugin-files.ts';

/** The earliest that a zip can say. It says local time, so that this is the same bytes in every time zone. */
const fileTime = new Date(1980, 0, 1);

/** A plain zip whose bytes depend on the files' names and contents alone. */
export function zip(files: PluginFiles): Uint8Array {
  const names = [...files.keys()].sort();
  return zipSync(Object.fromEntries(names.map((name) => [name, files.get(name)!])), {
    level: 9,
    mtime: fileTime,
  });
}
