/**
 * The only file that knows transformers.js: runs networks that look at a picture, from folders of this machine. Nothing is
 * ever downloaded here. They compute with the same native runtime as everything else, on the CPU, and are kept loaded
 * among the other models.
 */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../errors.ts';
import type { Size } from '../image/bounds.ts';
import { resamplePicture } from '../image/resample.ts';
import type { LoadedModels } from '../models/loaded-models.ts';
import { ownSegmentationModel } from './preprocessor-list.ts';
import type { RgbImage } from './rgb-image.ts';

/** Below a models folder: where `inlay models get` puts these models, each into a folder of its name. */
export const assistiveModelsFolder = 'preprocessors';

const networkFile = path.join('onnx', 'model.onnx');

/** What the activations take, for a pixel of the input. An assumption: some hundred planes of features at half the size. */
const workBytesPerPixel = 1500;
/** The runtime parses the file, and keeps its weights once more in the order that it computes with. */
const loadFactor = 2;
/** Each weight is used for about each 16 x 16 pixels of the input: within a factor of two of what is published of those catalogued. */
const pixelsPerWeightUse = 16 * 16;
const bytesPerWeight = 4;

export interface OutputTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A network's outputs by their names in its file. */
export type Outputs = Readonly<Record<string, OutputTensor>>;

/** What it takes to look at a picture once, before it was done. */
export interface AssistiveCost {
  readonly memoryBytes: number;
  readonly multiplyAdds: number;
}

/** A network that is loaded. */
export interface AssistiveNetwork {
  /** What its classes are called, in their order; none where it has none. */
  readonly labels: readonly string[];
  /** The size that it wants a picture of that size at. */
  inputSize(picture: Size): Size;
  /** Runs it on the picture, brought to the size that it wants. Throws `invalid-weights` where it cannot. */
  run(picture: RgbImage): Promise<Outputs>;
  /** That the file is not what its name says. */
  unfit(reason: string, cause?: unknown): EngineError;
}

/** The networks of the models folders. */
export class AssistiveModels {
  readonly #modelFolders: readonly string[];
  readonly #loaded: LoadedModels;

  constructor(modelFolders: readonly string[], loaded: LoadedModels) {
    this.#modelFolders = modelFolders;
    this.#loaded = loaded;
  }

  /** What all networks and their work may take, with those that are loaded now. */
  get budgetBytes(): number {
    return this.#loaded.budgetBytes;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /**
   * Runs `work` with the network of that name, loading it first where it is not.
   *
   * @throws EngineError 'model-not-found' where it is not there, 'invalid-weights' where it cannot be loaded, 'out-of-memory'.
   */
  async use<R>(
    name: string,
    { picture, work }: { readonly picture: Size; readonly work: (network: AssistiveNetwork) => Promise<R> },
  ): Promise<R> {
    const folder = this.#folder(name);
    const { bytes, changedMs, workBytes } = await this.#sizes(folder, picture);
    return this.#loaded.use(
      {
        // Another file of that name is another network.
        key: `assistive ${folder} ${changedMs}`,
        title: name,
        bytes,
        loadBytes: loadFactor * bytes,
        workBytes,
        load: () => LoadedNetwork.load(name, folder),
      },
      work,
    );
  }

  /** Throws `model-not-found` where it is not there. */
  async cost(name: string, picture: Size): Promise<AssistiveCost> {
    const { bytes, workBytes, inputPixels } = await this.#sizes(this.#folder(name), picture);
    const multiplyAdds = (bytes / bytesPerWeight) * (inputPixels / pixelsPerWeightUse);
    return { memoryBytes: Math.max(loadFactor * bytes, bytes + workBytes), multiplyAdds };
  }

  async #sizes(folder: string, picture: Size) {
    const file = await stat(path.join(folder, networkFile)).catch(() => ({ size: 0, mtimeMs: 0 }));
    const config = await readFile(path.join(folder, 'preprocessor_config.json'), 'utf8').catch(() => '{}');
    const inputPixels = pixelsAsked(config, picture);
    return {
      bytes: file.size,
      changedMs: file.mtimeMs,
      inputPixels,
      workBytes: inputPixels * workBytesPerPixel,
    };
  }

  #find(name: string): string | undefined {
    return this.#modelFolders
      .map((models) => path.resolve(models, assistiveModelsFolder, name))
      .find((candidate) => existsSync(path.join(candidate, 'config.json')));
  }

  #folder(name: string): string {
    const folder = this.#find(name);
    if (folder !== undefined) return folder;
    throw new EngineError('model-not-found', `Expected the model "${name}" for that map, found none.`, {
      hint: `Get it with \`inlay models get ${name}\`.`,
    });
  }
}

/** As `size` of a published `preprocessor_config.json` says; where it does not, as many as the picture has. */
function pixelsAsked(config: string, { width, height }: Size): number {
  try {
    const { size } = JSON.parse(config) as { size?: Partial<Record<string, number>> };
    if (size?.width !== undefined && size.height !== undefined) return size.width * size.height;
    const shortest = size?.shortest_edge;
    if (shortest === undefined) return width * height;
    const longest = (shortest * Math.max(width, height)) / Math.min(width, height);
    return shortest * Math.min(longest, size?.longest_edge ?? longest);
  } catch {
    return width * height;
  }
}

type Transformers = typeof import('@huggingface/transformers');
type Processor = Awaited<ReturnType<Transformers['AutoImageProcessor']['from_pretrained']>>;
type Network = Awaited<ReturnType<Transformers['AutoModel']['from_pretrained']>>;

interface Parts {
  readonly processor: Processor;
  readonly network: Network;
  readonly RawImage: Transformers['RawImage'];
}

class LoadedNetwork implements AssistiveNetwork {
  readonly labels: readonly string[];
  readonly #name: string;
  readonly #folder: string;
  readonly #parts: Parts;

  private constructor(name: string, folder: string, parts: Parts) {
    this.#name = name;
    this.#folder = folder;
    this.#parts = parts;
    const { id2label = {} } = parts.network.config as { id2label?: Readonly<Record<number, string>> };
    const count = 1 + Math.max(-1, ...Object.keys(id2label).map(Number));
    this.labels = Array.from({ length: count }, (_, label) => id2label[label] ?? '');
  }

  static async load(name: string, folder: string): Promise<LoadedNetwork> {
    const { AutoImageProcessor, AutoModel, RawImage, env } = await import('@huggingface/transformers');
    env.allowRemoteModels = false;
    env.localModelPath = path.dirname(folder) + path.sep;
    const id = path.basename(folder);
    const options = { local_files_only: true };
    try {
      const processor = await AutoImageProcessor.from_pretrained(id, options);
      const network = await AutoModel.from_pretrained(id, { ...options, dtype: 'fp32', device: 'cpu' });
      return new LoadedNetwork(name, folder, { processor, network, RawImage });
    } catch (cause) {
      throw unusable(name, folder, { reason: (cause as Error).message, cause });
    }
  }

  inputSize({ width, height }: Size): Size {
    const { processor, RawImage } = this.#parts;
    const whole = new RawImage(new Uint8Array(), width, height, 3);
    const [inputWidth, inputHeight] = processor.get_resize_output_image_size(whole, processor.size);
    return { width: inputWidth, height: inputHeight };
  }

  async run(picture: RgbImage): Promise<Outputs> {
    const { processor, network, RawImage } = this.#parts;
    try {
      // Its own resizing darkens the right and the lower edge: the picture comes at the size that it would make.
      const { data, width, height } = resamplePicture(picture, this.inputSize(picture));
      processor.do_resize = false;
      return (await network(await processor(new RawImage(data as Uint8Array, width, height, 3)))) as Outputs;
    } catch (cause) {
      throw this.unfit((cause as Error).message, cause);
    }
  }

  unfit(reason: string, cause?: unknown): EngineError {
    return unusable(this.#name, this.#folder, { reason, cause });
  }

  async dispose(): Promise<void> {
    await this.#parts.network.dispose();
  }
}

function unusable(
  name: string,
  folder: string,
  { reason, cause }: { readonly reason: string; readonly cause: unknown },
): EngineError {
  const hint =
    name === ownSegmentationModel
      ? 'Put another network there; without that folder the one of the catalogue is used.'
      : `Delete that folder, and get it again with \`inlay models get ${name}\`.`;
  return new EngineError(
    'invalid-weights',
    `Expected the model "${name}" in ${folder}, but it could not be used: ${reason}`,
    { hint, cause },
  );
}
