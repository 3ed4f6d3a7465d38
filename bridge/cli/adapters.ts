/** The files that `--control`, `--lora`, `--hypernetwork` and `--refiner` name: pictures read, models found. */
import path from 'node:path';
import type { JobImage } from '../../plugins/shared/client/client-job.ts';
import { maxNameLength } from '../protocol/limits.ts';
import type { ControlField, DiffusionFields, HypernetworkField, LoraField } from '../protocol/messages.ts';
import type { AdapterFlags, ControlFlag } from './adapter-options.ts';
import { readInputPicture } from './input-picture.ts';
import { findModelFile, type ModelFile } from './model-file.ts';

export interface Adapters {
  /** What a request says of them; nothing where there are none. */
  readonly fields: Pick<DiffusionFields, 'controls' | 'loras' | 'hypernetworks' | 'refiner'>;
  readonly images: readonly JobImage[];
  readonly modelFiles: readonly ModelFile[];
}

export interface ReadAdaptersOptions {
  /** Whether the pictures are announced with their sizes, which a request without a size of its own follows. */
  readonly isSized: boolean;
}

/** Throws `model-not-found`, `invalid-image`, or `invalid-option` for a picture that cannot be read. */
export async function readAdapters(
  { control = [], lora = [], hypernetwork = [], refiner }: AdapterFlags,
  options: ReadAdaptersOptions,
): Promise<Adapters> {
  const modelFiles: ModelFile[] = [];
  const images: JobImage[] = [];
  const controls: ControlField[] = [];
  for (const [index, { image, model, ...settings }] of control.entries()) {
    const read = image === undefined ? undefined : await readControlImage(image, index, options);
    if (read !== undefined) images.push(read);
    const file = await findModelFile('the model of --control', model, 'controlnet');
    if (file !== undefined) modelFiles.push(file);
    controls.push({
      ...modelNamed(model, file),
      ...(image !== undefined &&
        read !== undefined && { imageId: read.imageId, imageName: imageName(image) }),
      ...settings,
    });
  }
  const loras: LoraField[] = [];
  for (const { model, ...settings } of lora) {
    const file = await findModelFile('the model of --lora', model, 'lora');
    if (file !== undefined) modelFiles.push(file);
    loras.push({ model: file?.name ?? model, ...settings });
  }
  const hypernetworks: HypernetworkField[] = [];
  for (const { model, ...settings } of hypernetwork) {
    const file = await findModelFile('the model of --hypernetwork', model, 'hypernetwork');
    if (file !== undefined) modelFiles.push(file);
    hypernetworks.push({ model: file?.name ?? model, ...settings });
  }
  const refinerFile = await findModelFile('the model of --refiner', refiner?.model, 'checkpoint');
  if (refinerFile !== undefined) modelFiles.push(refinerFile);
  const second = refiner && { ...refiner, model: refinerFile?.name ?? refiner.model };
  return {
    fields: {
      ...(controls.length > 0 && { controls }),
      ...(loras.length > 0 && { loras }),
      ...(hypernetworks.length > 0 && { hypernetworks }),
      ...(second && { refiner: second }),
    },
    images,
    modelFiles,
  };
}

function modelNamed(model: ControlFlag['model'], file: ModelFile | undefined): Pick<ControlField, 'model'> {
  return model === undefined ? {} : { model: file?.name ?? model };
}

async function readControlImage(
  file: string,
  index: number,
  { isSized }: ReadAdaptersOptions,
): Promise<JobImage & { readonly imageId: string }> {
  const image = await readInputPicture(file, 'control');
  const imageId = `control-${index}`;
  if (!isSized) return { ...image, imageId };
  const { readSize } = await import('../../engine/image/codec.ts');
  const { width, height } = await readSize(image.bytes);
  return { ...image, imageId, width, height };
}

function imageName(file: string): string {
  return path.basename(file).slice(0, maxNameLength);
}
