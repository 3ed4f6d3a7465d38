/**
 * The folder layout of diffusers: `model_index.json`, and a folder for each network with its `config.json` and its weights,
 * whole or in shards. Opened as one checkpoint, its keys under the name of the network that they are of.
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../errors.ts';
import { readDiffusersConfig } from './diffusers-config.ts';
import { readJsonFile } from './json-file.ts';
import { type Checkpoint, readSafetensors, type TensorEntry } from './safetensors.ts';
import { readLegacyTorch, readTorchArchive } from './torch-file.ts';
import { invalidWeights, withWeightsFile } from './weights-file.ts';

export const modelIndexFile = 'model_index.json';

const components = ['unet', 'vae', 'text_encoder', 'text_encoder_2'] as const;
type Component = (typeof components)[number];

/** Published models of this size have a handful. */
export const maxShards = 100;

/** Weights in the order in which they are looked for; full precision first, as diffusers does. */
const weightNames: Readonly<Record<Component, readonly string[]>> = {
  unet: componentNames('diffusion_pytorch_model', 'diffusion_pytorch_model'),
  vae: componentNames('diffusion_pytorch_model', 'diffusion_pytorch_model'),
  text_encoder: componentNames('model', 'pytorch_model'),
  text_encoder_2: componentNames('model', 'pytorch_model'),
};

function componentNames(name: string, torchName: string): readonly string[] {
  return [
    `${name}.safetensors`,
    `${name}.safetensors.index.json`,
    `${name}.fp16.safetensors`,
    `${name}.safetensors.index.fp16.json`,
    `${torchName}.bin`,
    `${torchName}.fp16.bin`,
  ];
}

/** Names of files only, so that no shard lies outside its folder. */
const shardName = /^[\w-][\w.-]*\.safetensors$/;

/** Whether there is a model of diffusers in that folder. */
export async function isDiffusersFolder(folder: string): Promise<boolean> {
  return stat(path.join(folder, modelIndexFile)).then(
    (file) => file.isFile(),
    () => false,
  );
}

/** What such a folder is read from, for telling whether it has changed: bytes of all weights, and the latest time. */
export async function diffusersFolderStat(
  folder: string,
): Promise<{ readonly mtimeMs: number; readonly size: number }> {
  let mtimeMs = 0;
  let size = 0;
  for (const part of ['.', 'scheduler', ...components]) {
    for (const name of await readdir(path.join(folder, part)).catch(() => [])) {
      const file = await stat(path.join(folder, part, name));
      if (!file.isFile()) continue;
      mtimeMs = Math.max(mtimeMs, file.mtimeMs);
      if (!name.endsWith('.json')) size += file.size;
    }
  }
  return { mtimeMs, size };
}

/**
 * A folder of diffusers as one checkpoint: keys begin with `unet.`, `vae.`, `text_encoder.` and `text_encoder_2.`, `file` names its index, and
 * each tensor the file that it is in, at or below the folder of `file`. What its configuration says becomes metadata and
 * `attention`. Throws `invalid-weights`, or `unsupported-architecture` where the pipeline is of another family, or its
 * configuration asks for what these networks never have.
 */
export async function openDiffusersFolder(folder: string): Promise<Checkpoint> {
  if (!(await isDiffusersFolder(folder))) {
    throw invalidWeights(folder, {
      expected: 'a file, or a folder of diffusers',
      received: `no ${modelIndexFile}`,
    });
  }
  const index = await readJsonFile(path.join(folder, modelIndexFile));
  const pipeline = index.get('_class_name');
  // What a pipeline may have and this one has not is there as `[null, null]`.
  const has = (part: string) => [index.get(part)].flat()[0] != null;
  const isXl = has('text_encoder_2');
  if (!has('unet') || has('image_encoder')) {
    throw new EngineError(
      'unsupported-architecture',
      `${folder} looks like a model for diffusers' ${typeof pipeline === 'string' ? pipeline.slice(0, 100) : 'unknown pipeline'}; not supported yet.`,
      { hint: 'Use a Stable Diffusion 1.x or 2.x checkpoint, or an SDXL.' },
    );
  }
  const tensors = new Map<string, TensorEntry>();
  for (const component of components) {
    // The refiner has the second text encoder alone.
    if (isXl ? component === 'text_encoder' && !has(component) : component === 'text_encoder_2') continue;
    for (const [key, entry] of await openComponent(path.join(folder, component), component)) {
      const name = `${component}.${key}`;
      tensors.set(name, { ...entry, name });
    }
  }
  const files = new Set([...tensors.values()].map((entry) => entry.file!));
  return {
    file: path.join(commonFolder([...files]), modelIndexFile),
    tensors,
    ...(await readDiffusersConfig(folder, { isXl, index })),
  };
}

async function openComponent(folder: string, component: Component): Promise<Map<string, TensorEntry>> {
  const present = new Set(await readdir(folder).catch(() => []));
  const name = weightNames[component].find((candidate) => present.has(candidate));
  if (name === undefined) {
    throw invalidWeights(folder, {
      expected: `${weightNames[component][0]} of the ${component}`,
      received: 'none',
      hint: 'The folder is not whole: download the missing files, or all of it again.',
    });
  }
  return name.endsWith('.json')
    ? openShards(folder, name)
    : entriesOf(await openWeights(path.join(folder, name)));
}

/** Tensors of all shards that the index names. Each has to be where the index says, and none may be left out. */
async function openShards(folder: string, indexName: string): Promise<Map<string, TensorEntry>> {
  const file = path.join(folder, indexName);
  const weightMap = (await readJsonFile(file)).get('weight_map');
  if (!(weightMap instanceof Map))
    throw invalidWeights(file, { expected: 'a `weight_map`', received: 'none' });
  const shards = new Set<unknown>(weightMap.values());
  if (shards.size > maxShards) {
    throw invalidWeights(file, { expected: `at most ${maxShards} shards`, received: `${shards.size}` });
  }
  const tensors = new Map<string, TensorEntry>();
  for (const shard of shards) {
    if (typeof shard !== 'string' || !shardName.test(shard)) {
      throw invalidWeights(file, {
        expected: 'names of .safetensors files',
        received: JSON.stringify(shard),
      });
    }
    for (const [key, entry] of entriesOf(await openWeights(path.join(folder, shard)))) {
      if (weightMap.get(key) !== shard) {
        throw invalidWeights(file, {
          expected: `\`${key}\` as a tensor of ${shard}`,
          received: 'another place',
        });
      }
      tensors.set(key, entry);
    }
  }
  if (tensors.size !== weightMap.size) {
    throw invalidWeights(file, {
      expected: `${weightMap.size} tensors in its shards`,
      received: `${tensors.size}`,
    });
  }
  return tensors;
}

async function openWeights(file: string): Promise<Checkpoint> {
  return withWeightsFile(file, async (weights) => {
    if (!file.endsWith('.bin')) return readSafetensors(weights);
    const [first] = await weights.read(0, 1);
    return first === 0x80 ? readLegacyTorch(weights) : readTorchArchive(weights);
  });
}

function entriesOf({ file, tensors }: Checkpoint): Map<string, TensorEntry> {
  return new Map([...tensors].map(([key, entry]) => [key, { ...entry, file }]));
}

/** In a download cache every file is a link, and what they lead to lies together somewhere else. */
function commonFolder(files: readonly string[]): string {
  let folder = path.dirname(files[0]!);
  const isWithin = (file: string) => {
    const relative = path.relative(folder, file);
    return relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
  };
  while (!files.every(isWithin)) {
    const parent = path.dirname(folder);
    if (parent === folder) {
      throw invalidWeights(folder, {
        expected: 'all files of the model on one disk',
        received: 'several disks',
      });
    }
    folder = parent;
  }
  return folder;
}
