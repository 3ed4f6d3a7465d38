import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type {
  DrawingDefaults,
  ModelFamily,
  ModelFolder,
  ModelInfo,
  ModelKind,
  ModelReference,
} from '../api.ts';
import { EngineError, toEngineError } from '../errors.ts';
import { checkStableDiffusion, guidanceChannels } from '../graphs/stable-diffusion.ts';

import { namedKeys } from '../graphs/tensor-layout.ts';
import { detectUpscaler, looksLikeUpscaler, type Upscaler } from '../graphs/upscaler.ts';
import { diffusersFolderStat, isDiffusersFolder } from '../weights/diffusers-folder.ts';
import { openCheckpoint, weightsExtensions } from '../weights/open-checkpoint.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { controlKindsNamed } from './controlnet-family.ts';
import { fewStepModel } from './few-step.ts';
import { recogniseFile } from './file-family.ts';
import { nameOf } from './model-name.ts';
import { readModelSpec } from './model-spec.ts';
import { readSidecarConfig } from './sidecar-config.ts';
import { familyNames } from './stable-diffusion-family.ts';
import { readTextualInversion, type TextualInversion } from './textual-inversion.ts';
import { triggerWords } from './trigger-words.ts';
import { vaeFamily } from './vae-family.ts';

/** The weightless fill, listed beside the files so that a client builds its menu from one list. */
export const patchMatchModel: ModelInfo = {
  name: 'patchmatch',
  kind: 'fill',
  architecture: 'PatchMatch',
  origin: 'built-in',
  licence: 'Apache-2.0',
};

/** How deep below a models folder files are looked for; people sort theirs into sub-folders. */
const maxFolderDepth = 3;
/** Beside shipped weights: what is not in the weights themselves. */
const catalogFile = 'catalog.json';

interface CatalogEntry {
  readonly name: string;
  readonly licence: string;
}

/** A usable model: how it is listed, and the file its weights are in (none for PatchMatch). */
export interface ResolvedModel {
  readonly info: ModelInfo;
  readonly file?: string;
}

/** A file as it is listed, usable or not; `failure` says why it is not. */
interface FoundModel extends ResolvedModel {
  readonly failure?: EngineError;
}

/** What a header tells: the network, or what is wrong with the file. */
type Description = Omit<ModelInfo, 'name' | 'origin' | 'fileBytes' | 'problem'> | EngineError;

/** What a model of each kind is for, in the words of an error. */
const uses: Record<ModelKind, string> = {
  fill: 'that can fill without a prompt',
  upscaler: 'that can upscale',
  checkpoint: 'that makes pictures from a prompt',
  vae: 'that is a VAE',
  embedding: 'that is an embedding',
  controlnet: 'that is a ControlNet',
  lora: 'that is a LoRA',
  hypernetwork: 'that is a hypernetwork',
  unknown: 'of no kind',
};

export interface ResolveOptions {
  /** A second kind that will do. */
  readonly orKind?: ModelKind;
}

interface Inspected {
  readonly mtimeMs: number;
  readonly fileBytes: number;
  readonly description: Description;
}

/**
 * The models in the folders given, first folder first: a user's file hides a shipped one of the same name. What a file is
 * comes from its header alone, read again only when the file has changed.
 */
export class ModelLibrary {
  readonly #folders: readonly ModelFolder[];
  readonly #inspected = new Map<string, Inspected>();

  constructor(folders: readonly ModelFolder[]) {
    this.#folders = folders;
  }

  /** Where models are looked for, in order of precedence. */
  get folderPaths(): readonly string[] {
    return this.#folders.map(({ folder }) => folder);
  }

  /** What there is; before it the files given, which need not be in any folder. A file that is not there is listed with that. */
  async list(files: readonly string[] = []): Promise<readonly ModelInfo[]> {
    const given = await Promise.all(
      files.map((file) => this.#inspect(path.resolve(file), { origin: 'user' })),
    );
    const found = await this.#scan();
    return [
      ...given.map((model) => model.info),
      patchMatchModel,
      ...[...found.values()].map((model) => model.info),
    ];
  }

  /**
   * The model of that name or file, made sure to be of the kind wanted. Throws `model-not-found`, or what is wrong with
   * the file.
   */
  async resolve(
    reference: ModelReference,
    kind: ModelKind,
    { orKind }: ResolveOptions = {},
  ): Promise<ResolvedModel> {
    const model =
      'file' in reference ? await this.#resolveFile(reference.file) : await this.#resolveName(reference.name);
    const { name, kind: ownKind } = model.info;
    if (model.failure !== undefined) {
      const { code, message, hint } = model.failure;
      throw new EngineError(code, `The model \`${name}\` cannot be used: ${message}`, { hint });
    }
    if (ownKind !== kind && ownKind !== orKind) {
      throw new EngineError(
        'invalid-option',
        `Expected a model ${uses[kind]}, received \`${name}\`, which is of the kind "${ownKind}".`,
        { hint: `Choose another with \`inlay models\`; those of the kind "${kind}" fit here.` },
      );
    }
    return model;
  }

  /** What the header of an upscaler's file tells of its network. Throws what `resolve` throws. */
  async upscaler(reference: ModelReference): Promise<Upscaler> {
    const { file } = await this.resolve(reference, 'upscaler');
    return detectUpscaler(await openCheckpoint(file!));
  }

  /** The vectors of an embedding's file. Throws what `resolve` throws, and `invalid-weights`. */
  async embedding(reference: ModelReference): Promise<TextualInversion> {
    const { file } = await this.resolve(reference, 'embedding');
    return readTextualInversion(await openCheckpoint(file!));
  }

  /**
   * The file that a VAE's or a whole checkpoint's autoencoder is in, for a checkpoint. Throws what `resolve` throws, and
   * `invalid-option` where it is known to be of a family with other latents.
   */
  async autoencoder(
    reference: ModelReference,
    checkpoint: Pick<ModelInfo, 'name' | 'family'>,
  ): Promise<string> {
    const { info, file } = await this.resolve(reference, 'vae', { orKind: 'checkpoint' });
    if (info.architecture === 'AutoencoderTiny') {
      throw new EngineError(
        'unsupported-architecture',
        `Expected a whole autoencoder as VAE, received \`${info.name}\`, which is a TAESD, for previews.`,
        { hint: 'Choose another with `inlay models`, or leave it out: the checkpoint has one of its own.' },
      );
    }
    const { family } = info;
    const own = checkpoint.family ?? 'sd1';
    if (family === undefined || isXl(family) === isXl(own)) return file!;
    throw new EngineError(
      'invalid-option',
      `Expected a VAE of ${isXl(own) ? 'SDXL' : 'Stable Diffusion 1.x or 2.x'} for \`${checkpoint.name}\`, received \`${info.name}\`, which is of ${familyNames[family]}.`,
      { hint: 'Choose another with `inlay models`, or leave it out: the checkpoint has one of its own.' },
    );
  }

  async #resolveFile(file: string): Promise<FoundModel> {
    const absolute = path.resolve(file);
    if (!existsSync(absolute)) {
      throw new EngineError('model-not-found', `Expected a model file, but there is none at ${absolute}.`);
    }
    return this.#inspect(absolute, { origin: 'user' });
  }

  async #resolveName(name: string): Promise<FoundModel> {
    if (name === patchMatchModel.name) return { info: patchMatchModel };
    const found = await this.#scan();
    const model = found.get(name);
    if (model !== undefined) return model;
    const names = [patchMatchModel.name, ...found.keys()].join(', ');
    throw new EngineError('model-not-found', `There is no model named \`${name}\`. Installed are: ${names}.`);
  }

  async #scan(): Promise<Map<string, FoundModel>> {
    const found = new Map<string, FoundModel>();
    for (const { folder, origin } of this.#folders) {
      const licences = origin === 'built-in' ? await catalogLicences(folder) : new Map<string, string>();
      for (const file of await weightFiles(folder, maxFolderDepth)) {
        const name = nameOf(file);
        if (found.has(name)) continue;
        const licence = licences.get(name);
        found.set(name, await this.#inspect(file, { origin, ...(licence === undefined ? {} : { licence }) }));
      }
    }
    return found;
  }

  /** Reads the header only. A file that is no use is listed with its problem, so that its owner learns why. */
  async #inspect(file: string, known: Pick<ModelInfo, 'origin' | 'licence'>): Promise<FoundModel> {
    const base = { name: nameOf(file), ...known };
    const unusable = (failure: EngineError, fileBytes: Pick<ModelInfo, 'fileBytes'> = {}): FoundModel => ({
      info: { ...base, ...fileBytes, kind: 'unknown', architecture: 'unknown', problem: failure.message },
      file,
      failure,
    });
    try {
      const found = await stat(file);
      const { mtimeMs, size: fileBytes } = found.isDirectory() ? await diffusersFolderStat(file) : found;
      let inspected = this.#inspected.get(file);
      if (inspected?.mtimeMs !== mtimeMs || inspected.fileBytes !== fileBytes) {
        inspected = { mtimeMs, fileBytes, description: await describeWeights(file) };
        this.#inspected.set(file, inspected);
      }
      const { description } = inspected;
      if (description instanceof EngineError) return unusable(description, { fileBytes });
      const sidecar = await sidecarOf(file, description);
      const kinds = kindsOf(base.name, description);
      return { info: { ...description, ...sidecar, ...kinds, ...base, fileBytes }, file };
    } catch (error) {
      // A link that leads nowhere, or a file that was removed or locked meanwhile.
      return unusable(new EngineError('invalid-weights', toEngineError(error).message, { cause: error }));
    }
  }
}

/** SDXL and its refiner have one autoencoder, Stable Diffusion 1.x and 2.x another. */
function isXl(family: ModelFamily): boolean {
  return family === 'sdxl' || family === 'sdxl-refiner';
}

/** What the file beside a checkpoint says that the checkpoint itself does not. */
async function sidecarOf(
  file: string,
  { kind, predictionType }: Pick<ModelInfo, 'kind' | 'predictionType'>,
): Promise<Pick<ModelInfo, 'predictionType'>> {
  if (kind !== 'checkpoint' || predictionType !== undefined) return {};
  const said = (await readSidecarConfig(file)).predictionType;
  return said === undefined ? {} : { predictionType: said };
}

/** What a ControlNet's name says of its maps, where its header does not. */
function kindsOf(
  name: string,
  { kind, title, controlKinds }: Pick<ModelInfo, 'kind' | 'title' | 'controlKinds'>,
): Pick<ModelInfo, 'controlKinds'> {
  if (kind !== 'controlnet' || controlKinds !== undefined) return {};
  const named = controlKindsNamed([name, title]);
  return named.length === 0 ? {} : { controlKinds: named };
}

/** What decides how a picture is drawn best. */
const steeringKinds: ReadonlySet<ModelKind> = new Set(['checkpoint', 'lora']);

/** Where a file says its name, by ModelSpec and by what trained it. */
const namingKeys = ['modelspec.title', 'ss_output_name'] as const;

/** What suits all checkpoints of a family better than what is usual: of SDXL diffusers' own. */
const familyDefaults: Readonly<Record<ModelFamily, DrawingDefaults>> = {
  sd1: {},
  sd2: {},
  sdxl: { guidanceScale: 5 },
  'sdxl-refiner': { guidanceScale: 5 },
};

/** Stable Diffusion 2.x was trained at 768 px only where it predicts velocity; its inpainting checkpoint, like 512-base, at 512. */
function smallerSide({
  family,
  variant,
  predictionType,
}: Pick<ModelInfo, 'family' | 'variant' | 'predictionType'>): number | undefined {
  const isSmall = variant === 'inpainting' || predictionType === 'epsilon';
  return family === 'sd2' && isSmall ? 512 : undefined;
}

async function describeWeights(file: string): Promise<Description> {
  try {
    const checkpoint = await openCheckpoint(file);
    const recognised = recogniseFile(checkpoint);
    if (recognised === undefined) {
      if (!looksLikeUpscaler(checkpoint)) throw unknownNetwork(checkpoint);
      const { architecture, scale } = detectUpscaler(checkpoint);
      return { kind: 'upscaler', architecture, scale };
    }
    // A checkpoint that lacks tensors of its network is no use, and its list says so.
    if (recognised.kind === 'checkpoint') checkStableDiffusion(checkpoint);
    const { guidanceScale, ...spec } = readModelSpec(checkpoint);
    const { kind } = recognised;
    if (kind === 'vae') {
      const family = vaeFamily(nameOf(file), checkpoint.metadata);
      return { ...recognised, ...(family !== undefined && { family }), ...spec };
    }
    if (!steeringKinds.has(kind)) return { ...recognised, ...spec };
    const fewStep = fewStepModel({
      texts: [nameOf(file), ...namingKeys.flatMap((key) => checkpoint.metadata.get(key) ?? [])],
      isToldGuidance: kind === 'checkpoint' && guidanceChannels(checkpoint) !== undefined,
    });
    const defaults: DrawingDefaults = {
      ...(recognised.kind === 'checkpoint' && familyDefaults[recognised.family]),
      ...fewStep?.defaults,
      ...(guidanceScale !== undefined && { guidanceScale }),
    };
    const words = kind === 'lora' ? triggerWords(checkpoint.metadata) : [];
    const { predictionType = fewStep?.predictionType } = spec;
    const side =
      kind === 'checkpoint' && spec.resolution === undefined
        ? (fewStep?.side ?? smallerSide({ ...recognised, ...(predictionType && { predictionType }) }))
        : undefined;
    return {
      ...recognised,
      ...spec,
      ...(predictionType !== undefined && { predictionType }),
      ...(side !== undefined && { resolution: { width: side, height: side } }),
      ...(Object.keys(defaults).length > 0 && { defaults }),
      ...(words.length > 0 && { triggerWords: words }),
    };
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

function unknownNetwork(checkpoint: Checkpoint): EngineError {
  return new EngineError(
    'unsupported-architecture',
    `Expected a Stable Diffusion checkpoint (1.x, 2.x or XL), a VAE or an embedding of one, or an upscaler (RRDBNet, SRVGGNetCompact) in ${checkpoint.file}, received ${namedKeys(checkpoint)}.`,
  );
}

/** Every weights file and diffusers folder below the folder, sorted; a folder that is not there has none. */
async function weightFiles(folder: string, depth: number): Promise<string[]> {
  if (await isDiffusersFolder(folder)) return [folder];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => compareNames(a.name, b.name))) {
    const full = path.join(folder, entry.name);
    if (await isDiffusersFolder(full)) files.push(full);
    else if (entry.isDirectory() && depth > 1) files.push(...(await weightFiles(full, depth - 1)));
    else if (weightsExtensions.some((extension) => entry.name.endsWith(extension))) files.push(full);
  }
  return files;
}

/** The same model in two formats is listed once, in the one that comes first in `weightsExtensions`. */
function compareNames(a: string, b: string): number {
  const [nameA, nameB] = [nameOf(a), nameOf(b)];
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return extensionRank(a) - extensionRank(b);
}

function extensionRank(file: string): number {
  return weightsExtensions.findIndex((extension) => file.endsWith(extension));
}

async function catalogLicences(folder: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(path.join(folder, catalogFile), 'utf8');
  const { models } = JSON.parse(text) as { models: readonly CatalogEntry[] };
  return new Map(models.map(({ name, licence }) => [name, licence]));
}
