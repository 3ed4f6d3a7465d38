import type { ModelFamily } from '../api.ts';
import { hypernetworkModules } from '../weights/hypernetwork-modules.ts';
import type { Checkpoint } from '../weights/safetensors.ts';

export interface RecognisedHypernetwork {
  readonly kind: 'hypernetwork';
  readonly architecture: 'Hypernetwork';
  /** Of the texts that it changes; absent where it is for those of none, or of several. */
  readonly family?: ModelFamily;
}

/** How wide texts are tells whose they are. */
const textWidths: ReadonlyMap<number, ModelFamily> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [2048, 'sdxl'],
]);

/** Undefined where a file is none. Throws what is wrong with it. */
export function recogniseHypernetwork(checkpoint: Checkpoint): RecognisedHypernetwork | undefined {
  const modules = hypernetworkModules(checkpoint);
  if (modules === undefined) return undefined;
  const families = modules.flatMap(({ width }) => textWidths.get(width) ?? []);
  const [family] = families;
  const known = family !== undefined && families.length === 1;
  return { kind: 'hypernetwork', architecture: 'Hypernetwork', ...(known && { family }) };
}
