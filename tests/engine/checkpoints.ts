/** Weights files for tests: the tiny golden ones, the shipped ones, and ones made on the spot. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeSafetensors, type TensorToWrite } from '../../models/convert/safetensors-writer.ts';

export const shippedFolder = path.join(import.meta.dirname, '../../models');

export const goldenNames = [
  'rrdbnet-x4',
  'rrdbnet-x2-unshuffle',
  'rrdbnet-x1-unshuffle',
  'rrdbnet-trunk-x4',
  'rrdbnet-sequence-x4-fp16',
  'rrdbnet-sequence-x2-bf16',
  'rrdbnet-sequence-x1',
  'srvgg-x4',
  'srvgg-x2-fp16',
  'srvgg-x3-one-slope',
] as const;

export function goldenFile(name: (typeof goldenNames)[number] | 'rrdbnet-sequence-x8-grey'): string {
  return path.join(import.meta.dirname, '../golden/upscalers', `${name}.safetensors`);
}

export interface SmallestUpscaler {
  readonly scale: number;
  readonly features: number;
  /** Tells one such network from another. */
  readonly seed?: number;
}

/** An SRVGGNetCompact of two convolutions with small random weights: its result is near the picture itself. */
export function smallestUpscalerBytes({ scale, features, seed = 1 }: SmallestUpscaler): Uint8Array {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.1;
  };
  const tensor = (name: string, ...shape: number[]): TensorToWrite => {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = new Uint8Array(Float32Array.from({ length: count }, random).buffer);
    return { name, dtype: 'F32', shape, data };
  };
  const lastChannels = 3 * scale ** 2;
  return encodeSafetensors([
    tensor('body.0.weight', features, 3, 3, 3),
    tensor('body.0.bias', features),
    tensor('body.1.weight', features),
    tensor('body.2.weight', lastChannels, features, 3, 3),
    tensor('body.2.bias', lastChannels),
  ]);
}

export async function writeSmallestUpscaler(file: string, options: SmallestUpscaler): Promise<void> {
  await writeFile(file, smallestUpscalerBytes(options));
}
