/**
 * Of ControlNets that say what is in a picture and not where (control_v11e_sd15_shuffle) the mean of each residual's channels
 * is added everywhere. Their tensors are those of all others, so something beside them has to tell.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJsonFile } from '../weights/json-file.ts';
import { isNamedByFolder, nameOf } from './model-name.ts';
import { readSidecarConfig } from './sidecar-config.ts';

/** By this word A1111 knows them. */
const namedSo = /shuffle/i;

/**
 * By the `config.json` of a folder of diffusers, else the `.yaml` of the file's name, as A1111 comes with one, else its
 * name. Throws `invalid-weights` where the `config.json` is no JSON.
 */
export async function poolsResiduals(file: string): Promise<boolean> {
  const { poolsResiduals: said = namedSo.test(nameOf(file)) } = await readSidecarConfig(file);
  const config = path.join(path.dirname(file), 'config.json');
  if (!isNamedByFolder(file) || !existsSync(config)) return said;
  const pools = (await readJsonFile(config)).get('global_pool_conditions');
  return typeof pools === 'boolean' ? pools : said;
}
