/** A file that works beside a checkpoint, as a request names it: found, and held against the checkpoint's family. */
import type { ModelInfo, ModelReference } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import { familyNames } from '../models/stable-diffusion-family.ts';
import { maxTagStrength } from '../text/extra-networks.ts';

const nouns = { lora: 'LoRA', hypernetwork: 'hypernetwork' } as const;
export type NamedKind = keyof typeof nouns;

export interface NamedNetworkOptions {
  readonly models: ModelLibrary;
  /** That it is to change. */
  readonly checkpoint: ModelInfo;
}

/** Its file. Throws what is wrong with the name or the file, and `invalid-option` for one of another family. */
export async function namedNetwork(
  kind: NamedKind,
  reference: ModelReference,
  { models, checkpoint }: NamedNetworkOptions,
): Promise<string> {
  await requireInstalled(kind, reference, models);
  const { info, file } = await models.resolve(reference, kind);
  requireFamily(kind, info, checkpoint);
  return file!;
}

/** Throws `invalid-option` for a strength beyond what a tag may have. */
export function requireStrength(kind: NamedKind, model: ModelReference, strength: number): void {
  if (Math.abs(strength) <= maxTagStrength) return;
  const name = 'name' in model ? model.name : model.file;
  throw new EngineError(
    'invalid-option',
    `Expected a strength from -${maxTagStrength} to ${maxTagStrength} of the ${nouns[kind]} \`${name}\`, received ${strength}.`,
    { hint: '1 is as it was trained; most are used from 0.5 to 1.' },
  );
}

/** As many as fit a sentence. */
const maxNamesTold = 8;

/** A name that is not there is answered with those that are, first those that look like it. */
async function requireInstalled(
  wanted: NamedKind,
  model: ModelReference,
  models: ModelLibrary,
): Promise<void> {
  if (!('name' in model)) return;
  const installed = await models.list();
  if (installed.some(({ name }) => name === model.name)) return;
  const names = installed.filter(({ kind }) => kind === wanted).map(({ name }) => name);
  const near = nearestFirst(names, model.name).slice(0, maxNamesTold);
  const rest = names.length - near.length;
  const told = near.map((name) => `\`${name}\``).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  throw new EngineError(
    'model-not-found',
    `There is no ${nouns[wanted]} named \`${model.name}\`. ${names.length === 0 ? 'None is installed.' : `Installed are: ${told}.`}`,
    { hint: 'Correct the name, or put the file into the models folder; `inlay models` lists what is there.' },
  );
}

function nearestFirst(names: readonly string[], wanted: string): readonly string[] {
  const parts = pairsOf(wanted);
  const likeness = (name: string) => [...pairsOf(name)].filter((pair) => parts.has(pair)).length;
  return names.toSorted((a, b) => likeness(b) - likeness(a));
}

/** Neighbouring letters: names that share many look alike. */
function pairsOf(name: string): ReadonlySet<string> {
  const letters = name.toLowerCase();
  return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, i) => letters.slice(i, i + 2)));
}

function requireFamily(kind: NamedKind, info: ModelInfo, checkpoint: ModelInfo): void {
  const { family } = info;
  if (family === undefined || checkpoint.family === undefined || family === checkpoint.family) return;
  throw new EngineError(
    'invalid-option',
    `Expected a ${nouns[kind]} for ${familyNames[checkpoint.family]}, which \`${checkpoint.name}\` is, received \`${info.name}\`, which is for ${familyNames[family]}.`,
    {
      hint: `Choose a ${nouns[kind]} of the checkpoint's family, or a checkpoint of its family: \`inlay models\` tells.`,
    },
  );
}
