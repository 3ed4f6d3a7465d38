/** The styles that there are: those that come with Inlay, and the user's own. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { StyleCapability } from '../protocol/messages.ts';
import { readStyle, styleExtension } from './style-file.ts';

export interface StyleFolder {
  readonly folder: string;
  readonly origin: StyleCapability['origin'];
}

/** The user's own go before those that come with Inlay. */
export function styleFolders(ownFolder: string, shippedFolder?: string): readonly StyleFolder[] {
  const own = { folder: ownFolder, origin: 'user' } as const;
  return shippedFolder === undefined ? [own] : [own, { folder: shippedFolder, origin: 'built-in' }];
}

/** More are passed over: they all travel with the capabilities. */
export const maxStyles = 256;

/**
 * All styles by their names, first folder first: a user's file hides a shipped one of the same name. A folder that is not
 * there has none, and a file that is no style is listed with its problem.
 */
export async function listStyles(folders: readonly StyleFolder[]): Promise<readonly StyleCapability[]> {
  const styles = new Map<string, StyleCapability>();
  for (const { folder, origin } of folders) {
    const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(styleExtension));
    for (const file of files.sort()) {
      if (styles.size >= maxStyles) break;
      const style = await readStyle(path.join(folder, file), origin);
      if (!styles.has(style.name)) styles.set(style.name, style);
    }
  }
  return [...styles.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
