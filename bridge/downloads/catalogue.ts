/** Models that are no part of Inlay and can be got: where from, under which licence. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';

const file = z.strictObject({
  /** Below the model's folder. */
  path: z.string().regex(/^[\w-]+(?:[./][\w-]+)*$/),
  url: z.url({ protocol: /^https?$/ }),
  /** Left out where it is not known here: then the publisher's own is what counts. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

const catalogue = z.object({
  downloads: z.array(
    z.strictObject({
      name: z.string().regex(/^[\w.-]+$/),
      description: z.string(),
      licence: z.string(),
      source: z.url(),
      /** Below the user's models folder. */
      folder: z.string().regex(/^[\w-]+(?:\/[\w.-]+)*$/),
      /** About how much it is in all. */
      megabytes: z.number().positive(),
      files: z.array(file).min(1),
    }),
  ),
});

export type DownloadableModel = z.infer<typeof catalogue>['downloads'][number];

/** What can be got, of the catalogue of the models that Inlay comes with. */
export async function readDownloads(modelsFolder: string): Promise<readonly DownloadableModel[]> {
  const text = await readFile(path.join(modelsFolder, 'catalog.json'), 'utf8');
  return catalogue.parse(JSON.parse(text)).downloads;
}

/** Throws `model-not-found`, with the names of those that there are. */
export function downloadByName(models: readonly DownloadableModel[], name: string): DownloadableModel {
  const model = models.find((one) => one.name === name);
  if (model !== undefined) return model;
  const names = models.map((one) => one.name).join(', ');
  throw new EngineError(
    'model-not-found',
    `Expected a model that can be got, one of ${names}, received "${name}".`,
    {
      hint: 'Choose one of them; any other is copied into the models folder by hand.',
    },
  );
}
