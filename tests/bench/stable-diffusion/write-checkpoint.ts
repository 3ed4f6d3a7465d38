/**
 * Writes a full-size Stable Diffusion 1.5 checkpoint of random float16 weights (2.1 GB), the same from the same seed:
 *
 *     npx tsx tests/bench/stable-diffusion/write-checkpoint.ts FOLDER [--seed 1]
 *
 * It draws nothing that means anything, in the time and memory of one that does.
 */
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { stableDiffusion15Layout } from './layout.ts';

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Expected a folder to write the checkpoint into');

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

const layout = stableDiffusion15Layout();
const header: Record<string, unknown> = {
  __metadata__: { 'modelspec.architecture': 'stable-diffusion-v1', 'modelspec.title': 'random weights' },
};
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

await mkdir(folder, { recursive: true });
const file = path.join(folder, 'random-sd15.safetensors');
const handle = await open(file, 'w');
try {
  await handle.write(length);
  await handle.write(text);
  const halves = new Halves(Number(values.seed));
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
console.log(`${file}: ${layout.size} tensors, ${(end / 1e9).toFixed(2)} GB`);
