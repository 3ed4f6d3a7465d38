/** The adaptations that a request names, as settings and as tags in its prompt. */
import type { DiffusionSettings, ModelInfo, ModelReference } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { LoraFile } from '../models/stable-diffusion.ts';
import { familyNames } from '../models/stable-diffusion-family.ts';
import { type LoraTag, maxTagStrength } from '../text/extra-networks.ts';

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
  for (const { model, strength, textEncoderStrength } of wanted) {
    requireStrength(model, strength);
    requireStrength(model, textEncoderStrength);
    const { info, file } = await models.resolve(model, 'lora');
    requireFamily(info, checkpoint);
    files.push({ file: file!, strength, textEncoderStrength });
  }
  return files;
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
