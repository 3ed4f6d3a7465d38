/** The numbers of small tensors in memory; those of networks stay in their file. */
import type { Checkpoint, SafetensorsDtype } from './safetensors.ts';
import { readTensor } from './safetensors.ts';
import { invalidWeights } from './weights-file.ts';

/** An embedding of a hundred vectors takes half a megabyte. */
export const maxValuesBytes = 64 * 1024 * 1024;

type ReadNumber = (view: DataView, byteOffset: number) => number;

const readers: Partial<Record<SafetensorsDtype, ReadNumber>> = {
  F16: (view, byteOffset) => halfToNumber(view.getUint16(byteOffset, true)),
  BF16: (view, byteOffset) => bfloatToNumber(view.getUint16(byteOffset, true)),
  F32: (view, byteOffset) => view.getFloat32(byteOffset, true),
  F64: (view, byteOffset) => view.getFloat64(byteOffset, true),
};

/**
 * All numbers of one tensor, row-major. Throws `invalid-weights` where the file has no such tensor, its type is no
 * floating-point one, or it is larger than `maxValuesBytes`.
 */
export async function readFloat32(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const entry = checkpoint.tensors.get(name);
  const read = entry === undefined ? undefined : readers[entry.dtype];
  if (entry === undefined || read === undefined || entry.byteLength > maxValuesBytes) {
    throw invalidWeights(checkpoint.file, {
      expected: `\`${name}\` as ${Object.keys(readers).join(', ')} of at most ${maxValuesBytes} bytes`,
      received: entry === undefined ? 'no such tensor' : `${entry.dtype} of ${entry.byteLength} bytes`,
    });
  }
  const bytes = await readTensor(checkpoint, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements = entry.shape.reduce((product, size) => product * size, 1);
  const bytesEach = elements === 0 ? 0 : bytes.byteLength / elements;
  return Float32Array.from({ length: elements }, (_, index) => read(view, index * bytesEach));
}

/** IEEE 754 binary16: a sign, 5 bits of exponent biased by 15, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
