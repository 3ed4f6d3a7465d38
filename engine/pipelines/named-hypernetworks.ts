/** The hypernetworks that a request names, as settings and as tags in its prompt, in the order in which they work. */
import type { DiffusionSettings } from '../api.ts';
import type { HypernetworkFile } from '../models/stable-diffusion.ts';
import type { HypernetworkTag } from '../text/extra-networks.ts';
import { type NamedNetworkOptions, namedNetwork, requireStrength } from './named-network.ts';

/** Throws what is wrong with a name, a strength or a file, and `invalid-option` for one of another family. */
export async function namedHypernetworks(
  settings: DiffusionSettings['hypernetworks'] = [],
  tags: readonly HypernetworkTag[],
  options: NamedNetworkOptions,
): Promise<readonly HypernetworkFile[]> {
  const wanted = [...settings, ...tags.map(({ name, strength }) => ({ model: { name }, strength }))];
  const files: HypernetworkFile[] = [];
  for (const { model, strength } of wanted) {
    requireStrength('hypernetwork', model, strength);
    files.push({ file: await namedNetwork('hypernetwork', model, options), strength });
  }
  return files;
}
