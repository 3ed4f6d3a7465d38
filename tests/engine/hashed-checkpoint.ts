/** The tiny Stable Diffusion checkpoints of `tests/golden/pipelines`, whose weights are hashes of their keys. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeSafetensors } from '../../models/convert/safetensors-writer.ts';

export const pipelineGoldens = path.join(import.meta.dirname, '../golden/pipelines');

export type GoldenCheckpoint = 'base' | 'inpainting' | 'pix2pix';
export type HashedCheckpoint = GoldenCheckpoint | 'sd2' | 'sdxl' | 'sdxl-inpainting' | 'sdxl-refiner';

export const xlGoldens = path.join(import.meta.dirname, '../golden/sdxl');

const keyLists: Readonly<Record<HashedCheckpoint, string>> = {
  base: path.join(pipelineGoldens, 'base.keys.json'),
  inpainting: path.join(pipelineGoldens, 'inpainting.keys.json'),
  pix2pix: path.join(pipelineGoldens, 'pix2pix.keys.json'),
  sd2: path.join(import.meta.dirname, '../golden/stable-diffusion-2/sd2.keys.json'),
  sdxl: path.join(xlGoldens, 'base.keys.json'),
  'sdxl-inpainting': path.join(xlGoldens, 'inpainting.keys.json'),
  'sdxl-refiner': path.join(xlGoldens, 'refiner.keys.json'),
};

/** Shape, scale and offset of a tensor's values. */
export type Listed = readonly [shape: readonly number[], scale: number, offset: number];

export interface HashedCheckpointOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** What is stored of a tensor in place of its hashes, or nothing to leave it out. */
  readonly change?: (key: string, values: Float32Array) => Float32Array | undefined;
}

export function writeHashedCheckpoint(
  file: string,
  name: HashedCheckpoint,
  options: HashedCheckpointOptions = {},
): Promise<void> {
  return writeHashedTensors(file, keyLists[name], options);
}

/** A file of the tensors that a list of keys tells of. */
export async function writeHashedTensors(
  file: string,
  keyList: string,
  { metadata = {}, change = (_, values) => values }: HashedCheckpointOptions = {},
): Promise<void> {
  const text = await readFile(keyList, 'utf8');
  const tensors = Object.entries(JSON.parse(text) as Record<string, Listed>).flatMap(([key, listed]) => {
    const values = change(key, hashed(key, listed));
    return values === undefined
      ? []
      : [{ name: key, dtype: 'F32', shape: listed[0], data: new Uint8Array(values.buffer) } as const];
  });
  await writeFile(file, encodeSafetensors(tensors, metadata));
}

/** Each element from FNV-1a of the key and MurmurHash3's last mix of its place, as `checkpoint.py` has it. */
export function hashed(key: string, [shape, scale, offset]: Listed): Float32Array {
  let seed = 2_166_136_261;
  for (const byte of Buffer.from(key)) seed = Math.imul(seed ^ byte, 16_777_619);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < values.length; i++) {
    let x = (Math.imul(i, 0x9e3779b1) + seed) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x ^= x >>> 16;
    values[i] = Math.fround(((x >>> 8) / 2 ** 23 - 1) * scale) + offset;
  }
  return values;
}

/** As float16 numbers, each rounded to the nearest, of two that are as near to the even one. */
export function halves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    const size = Math.abs(value);
    const sign = value < 0 ? 0x8000 : 0;
    // Below 2^-14 numbers lie as far apart as just above it.
    const exponent = Math.max(-14, Math.floor(Math.log2(size)));
    const steps = size / 2 ** (exponent - 10);
    const below = Math.floor(steps);
    const isUp = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1);
    const rounded = below + (isUp ? 1 : 0);
    // 1024 steps above the implied one carry over into the exponent by themselves.
    return sign | (size < 2 ** -14 ? rounded : (exponent + 15) * 1024 + rounded - 1024);
  });
}
