/** The numbers of small tensors in memory; those of networks stay in their file. */
import type { Checkpoint, SafetensorsDtype } from './safetensors.ts';
import { readTensor } from './safetensors.ts';
import { invalidWeights } from './weights-file.ts';

/** An embedding of a hundred vectors takes half a megabyte. */
export const maxValuesBytes = 64 * 1024 * 1024;

/** Of the bytes of a tensor from the start of their buffer, in the order of bytes that every machine of ours has. */
type ReadNumbers = (bytes: ArrayBufferLike) => Float32Array;

const readers: Partial<Record<SafetensorsDtype, ReadNumbers>> = {
  F16: (bytes) => {
    const [halves, numbers] = [new Uint16Array(bytes), halfNumbers()];
    const result = new Float32Array(halves.length);
    for (let index = 0; index < halves.length; index++) result[index] = numbers[halves[index]!]!;
    return result;
  },
  BF16: (bytes) => {
    // The upper half of a float32.
    const upper = new Uint16Array(bytes);
    const words = new Uint32Array(upper.length);
    for (let index = 0; index < upper.length; index++) words[index] = upper[index]! << 16;
    return new Float32Array(words.buffer);
  },
  F32: (bytes) => new Float32Array(bytes),
  F64: (bytes) => new Float32Array(new Float64Array(bytes)),
};

export interface ReadOptions {
  /** Most that the tensor may take in the file. */
  readonly maxBytes?: number;
}

/**
 * All numbers of one tensor, row-major. Throws `invalid-weights` where the file has no such tensor, its type is no
 * floating-point one, or it is larger than `maxBytes`.
 */
export async function readFloat32(
  checkpoint: Checkpoint,
  name: string,
  { maxBytes = maxValuesBytes }: ReadOptions = {},
): Promise<Float32Array> {
  const entry = checkpoint.tensors.get(name);
  const read = entry === undefined ? undefined : readers[entry.dtype];
  if (entry === undefined || read === undefined || entry.byteLength > maxBytes) {
    throw invalidWeights(checkpoint.file, {
      expected: `\`${name}\` as ${Object.keys(readers).join(', ')} of at most ${maxBytes} bytes`,
      received: entry === undefined ? 'no such tensor' : `${entry.dtype} of ${entry.byteLength} bytes`,
    });
  }
  const bytes = await readTensor(checkpoint, name);
  return read(bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer);
}

let halfTable: Float32Array | undefined;

/** What each of the 65536 numbers of half precision is: a file has millions. */
function halfNumbers(): Float32Array {
  halfTable ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfToNumber(bits));
  return halfTable;
}

/** IEEE 754 binary16: a sign, 5 bits of exponent biased by 15, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
