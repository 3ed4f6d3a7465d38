import type { Checkpoint, TensorEntry } from '../../engine/weights/safetensors.ts';
import { stableDiffusion15Layout } from '../bench/stable-diffusion/layout.ts';

/** The header of a full-size Stable Diffusion 1.5 in half precision, without a file: its weights are never read. */
export const headerOf15: Checkpoint = {
  file: 'sd15.safetensors',
  tensors: new Map(
    [...stableDiffusion15Layout()].map(([key, shape]): [string, TensorEntry] => {
      const byteLength = 2 * shape.reduce((product, size) => product * size, 1);
      return [key, { name: key, dtype: 'F16', shape, byteOffset: 0, byteLength }];
    }),
  ),
  metadata: new Map(),
};
