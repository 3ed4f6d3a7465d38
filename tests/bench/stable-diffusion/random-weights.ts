/** Files of random float16 weights: they draw nothing that means anything, in the time and memory of ones that do. */
import { open } from 'node:fs/promises';
import type { Layout } from './layout.ts';

const halfBytes = 2;
/** Elements made and written at a time. */
const chunkLength = 2 ** 22;
const exponentBias = 15;
const fractionBits = 10;
/** Root mean square of numbers even in [1, 2). */
const evenMagnitude = Math.sqrt(7 / 3);

/** The float16 exponent field of weights that about keep the size of what they are applied to. */
function weightExponent(key: string, shape: readonly number[]): number {
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  const size = key.includes('embedding.weight') ? 0.02 : 1 / Math.sqrt(fanIn);
  return Math.round(Math.log2(size / evenMagnitude)) + exponentBias;
}

/** xorshift32 (Marsaglia 2003): random signs and fractions of float16 numbers in ±[2^e, 2^(e+1)), two from each draw. */
class Halves {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  fill(values: Uint32Array, exponent: number): void {
    const bothExponents = (exponent << fractionBits) * 0x10001;
    let state = this.#state;
    for (let index = 0; index < values.length; index++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      values[index] = (state & 0x83ff83ff) | bothExponents;
    }
    this.#state = state;
  }
}

export interface RandomWeightsOptions {
  /** The same gives the same weights. */
  readonly seed: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes a safetensors file with the tensors of a layout; resolves with the bytes of its weights. */
export async function writeRandomWeights(
  file: string,
  layout: Layout,
  { seed, metadata }: RandomWeightsOptions,
): Promise<number> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [key, shape] of layout) {
    const begin = end;
    end += shape.reduce((product, size) => product * size, halfBytes);
    header[key] = { dtype: 'F16', shape, data_offsets: [begin, end] };
  }
  // Padded with spaces, so that the tensors begin at a multiple of 8 as safetensors' own writer has it.
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));

  const handle = await open(file, 'w');
  try {
    await handle.write(length);
    await handle.write(text);
    const halves = new Halves(seed);
    const chunk = new Uint32Array(chunkLength / 2);
    for (const [key, shape] of layout) {
      const count = shape.reduce((product, size) => product * size, 1);
      // Norms are the only one-dimensional weights: ones. Biases, at most 1/64, hardly matter.
      const isNorm = shape.length === 1 && key.endsWith('.weight');
      const exponent = shape.length === 1 ? exponentBias - 7 : weightExponent(key, shape);
      for (let done = 0; done < count; done += chunkLength) {
        const part = Math.min(chunkLength, count - done);
        const words = chunk.subarray(0, Math.ceil(part / 2));
        if (isNorm) words.fill((exponentBias << fractionBits) * 0x10001);
        else halves.fill(words, exponent);
        await handle.write(new Uint8Array(words.buffer, 0, part * halfBytes));
      }
    }
  } finally {
    await handle.close();
  }
  return end;
}
