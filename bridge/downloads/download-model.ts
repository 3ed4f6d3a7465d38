import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DownloadableModel } from './catalogue.ts';
import { type DownloadedFile, type DownloadPace, downloadFile } from './download-file.ts';

/** Kept beside a model: where each file came from, and what it was. */
export const recordName = 'download.json';

export interface GotModel {
  readonly folder: string;
  readonly files: readonly (DownloadedFile & { readonly path: string; readonly url: string })[];
}

/**
 * Gets all files of a model into a folder of its own. Files that are there stay. The record is written last: a model without
 * one is not whole.
 *
 * @throws what `downloadFile` throws.
 */
export async function downloadModel(
  model: DownloadableModel,
  { modelsFolder, ...pace }: DownloadPace & { readonly modelsFolder: string },
): Promise<GotModel> {
  const folder = path.join(modelsFolder, ...model.folder.split('/'));
  const files: GotModel['files'][number][] = [];
  for (const { path: name, url, sha256 } of model.files) {
    const file = path.join(folder, ...name.split('/'));
    if (existsSync(file)) continue;
    const wanted = { url, file, ...(sha256 !== undefined && { sha256 }) };
    files.push({ path: name, url, ...(await downloadFile(wanted, pace)) });
  }
  if (files.length > 0) {
    const { name, licence, source } = model;
    const record = { name, licence, source, files };
    await writeFile(path.join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);
  }
  return { folder, files };
}
