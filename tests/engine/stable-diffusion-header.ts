import type { Checkpoint, TensorEntry } from '../../engine/weights/safetensors.ts';
import { type Layout, sdxlLayout, stableDiffusion15Layout } from '../bench/stable-diffusion/layout.ts';

/** The header of a full-size checkpoint in half precision, without a file: its weights are never read. */
function headerOf(file: string, layout: Layout): Checkpoint {
  const tensors = [...layout].map(([key, shape]): [string, TensorEntry] => {
    const byteLength = 2 * shape.reduce((product, size) => product * size, 1);
    return [key, { name: key, dtype: 'F16', shape, byteOffset: 0, byteLength }];
  });
  return { file, tensors: new Map(tensors), metadata: new Map() };
}

export const headerOf15 = headerOf('sd15.safetensors', stableDiffusion15Layout());
export const headerOfXl = headerOf('sdxl.safetensors', sdxlLayout());
