/** The adaptations that a request names, as settings and as tags in its prompt. */
import type { DiffusionSettings } from '../api.ts';
import type { LoraFile } from '../models/stable-diffusion.ts';
import type { LoraTag } from '../text/extra-networks.ts';
import { type NamedNetworkOptions, namedNetwork, requireStrength } from './named-network.ts';

/** Throws what is wrong with a name, a strength or a file, and `invalid-option` for one of another family. */
export async function namedLoras(
  settings: DiffusionSettings['loras'] = [],
  tags: readonly LoraTag[],
  options: NamedNetworkOptions,
): Promise<readonly LoraFile[]> {
  const wanted = [
    ...settings.map(({ model, strength, textEncoderStrength = strength }) => ({
      model,
      strength,
      textEncoderStrength,
    })),
    ...tags.map(({ name, ...strengths }) => ({ model: { name }, ...strengths })),
  ];
  const files: LoraFile[] = [];
  for (const { model, ...use } of wanted) {
    requireStrength('lora', model, use.strength);
    requireStrength('lora', model, use.textEncoderStrength);
    files.push({ file: await namedNetwork('lora', model, options), ...use });
  }
  return files;
}
