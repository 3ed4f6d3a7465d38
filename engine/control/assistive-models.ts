/**
 * The only file that knows transformers.js: runs a model that looks at a picture, from a folder of this machine. Nothing is
 * ever downloaded here. It computes with the same native runtime as everything else, on the CPU.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../errors.ts';
import { resamplePicture } from '../image/resample.ts';
import type { RgbImage } from './rgb-image.ts';

/** Below a models folder: where `inlay models get` puts these models, each into a folder of its name. */
export const assistiveModelsFolder = 'preprocessors';

export interface AssistiveModel {
  /** The catalogue's name. */
  readonly name: string;
  readonly modelFolders: readonly string[];
}

/** What a model gives, row by row. */
export interface DepthPlane {
  readonly width: number;
  readonly height: number;
  /** The nearer the larger; no unit. */
  readonly data: Float32Array;
}

/**
 * How near each place of the picture is, at the size that the model computes at. Loads the model, and lets it go again.
 *
 * @throws EngineError 'model-not-found' where it is not there, 'invalid-weights' where it cannot be loaded or does not give
 *   depth.
 */
export async function estimateDepth(image: RgbImage, model: AssistiveModel): Promise<DepthPlane> {
  const folder = folderOf(model);
  const { AutoImageProcessor, AutoModelForDepthEstimation, RawImage, env } = await import(
    '@huggingface/transformers'
  );
  env.allowRemoteModels = false;
  env.localModelPath = path.dirname(folder) + path.sep;
  const id = path.basename(folder);
  const options = { local_files_only: true };
  try {
    const processor = await AutoImageProcessor.from_pretrained(id, options);
    const network = await AutoModelForDepthEstimation.from_pretrained(id, {
      ...options,
      dtype: 'fp32',
      device: 'cpu',
    });
    try {
      // Its own resizing darkens the right and the lower edge: the picture comes at the size that it would make.
      const whole = new RawImage(image.data, image.width, image.height, 3);
      const [width, height] = processor.get_resize_output_image_size(whole, processor.size);
      const { data } = resamplePicture(image, { width, height });
      processor.do_resize = false;
      const inputs = await processor(new RawImage(data as Uint8Array, width, height, 3));
      const { predicted_depth: depth } = (await network(inputs)) as { predicted_depth: DepthTensor };
      const [rows, columns] = depth.dims.slice(-2);
      return { width: columns!, height: rows!, data: Float32Array.from(depth.data) };
    } finally {
      await network.dispose();
    }
  } catch (cause) {
    throw new EngineError(
      'invalid-weights',
      `Expected a model of depth in ${folder}, but it could not be used: ${(cause as Error).message}`,
      { hint: `Delete that folder, and get it again with \`inlay models get ${model.name}\`.`, cause },
    );
  }
}

interface DepthTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

function folderOf({ name, modelFolders }: AssistiveModel): string {
  const folder = modelFolders
    .map((models) => path.resolve(models, assistiveModelsFolder, name))
    .find((candidate) => existsSync(path.join(candidate, 'config.json')));
  if (folder !== undefined) return folder;
  throw new EngineError('model-not-found', `Expected the model "${name}" for that map, found none.`, {
    hint: `Get it with \`inlay models get ${name}\`.`,
  });
}
