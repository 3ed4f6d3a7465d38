/** The adaptations that a request names, as settings and as tags in its prompt. */
import type { DiffusionSettings, ModelInfo, ModelReference } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { LoraFile } from '../models/stable-diffusion.ts';
import { familyNames } from '../models/stable-diffusion-family.ts';
import { type HypernetworkTag, type LoraTag, maxTagStrength } from '../text/extra-networks.ts';

export interface NamedLorasOptions {
  readonly models: ModelLibrary;
  /** That they are to change. */
  readonly checkpoint: ModelInfo;
}

/** Throws what is wrong with a name, a strength or a file, and `invalid-option` for one of another family. */
export async function namedLoras(
  settings: DiffusionSettings['loras'] = [],
  tags: readonly LoraTag[],
  { models, checkpoint }: NamedLorasOptions,
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
    requireStrength(model, use.strength);
    requireStrength(model, use.textEncoderStrength);
    await requireInstalled(model, models);
    const { info, file } = await models.resolve(model, 'lora');
    requireFamily(info, checkpoint);
    files.push({ file: file!, ...use });
  }
  return files;
}

/** As many as fit a sentence. */
const maxNamesTold = 8;

/** A name that is not there is answered with the LoRAs that are, those first that look like it. */
async function requireInstalled(model: ModelReference, models: ModelLibrary): Promise<void> {
  if (!('name' in model)) return;
  const installed = await models.list();
  if (installed.some(({ name }) => name === model.name)) return;
  const names = installed.filter(({ kind }) => kind === 'lora').map(({ name }) => name);
  const near = nearestFirst(names, model.name).slice(0, maxNamesTold);
  const rest = names.length - near.length;
  const told = near.map((name) => `\`${name}\``).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  throw new EngineError(
    'model-not-found',
    `There is no LoRA named \`${model.name}\`. ${names.length === 0 ? 'None is installed.' : `Installed are: ${told}.`}`,
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

/** Tags for what this version cannot do are not passed over in silence. */
export function refuseHypernetworks([first]: readonly HypernetworkTag[]): void {
  if (first === undefined) return;
  throw new EngineError(
    'unsupported-architecture',
    `Hypernetworks are not supported yet: the prompt asks for \`${first.name}\`.`,
    { hint: `Take \`<hypernet:${first.name}:…>\` out of the prompt.` },
  );
}

function requireStrength(model: ModelReference, strength: number): void {
  if (Math.abs(strength) <= maxTagStrength) return;
  const name = 'name' in model ? model.name : model.file;
  throw new EngineError(
    'invalid-option',
    `Expected a strength from -${maxTagStrength} to ${maxTagStrength} of the LoRA \`${name}\`, received ${strength}.`,
    { hint: '1 is as it was trained; most are used from 0.5 to 1.' },
  );
}

function requireFamily(lora: ModelInfo, checkpoint: ModelInfo): void {
  const { family } = lora;
  if (family === undefined || checkpoint.family === undefined || family === checkpoint.family) return;
  throw new EngineError(
    'invalid-option',
    `Expected a LoRA for ${familyNames[checkpoint.family]}, which \`${checkpoint.name}\` is, received \`${lora.name}\`, which is for ${familyNames[family]}.`,
    {
      hint: "Choose a LoRA of the checkpoint's family, or a checkpoint of the LoRA's: `inlay models` tells.",
    },
  );
}
