import type { NoiseSource } from './noise-source.ts';

const rounds = 10;
const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
const keySteps = [0x9e3779b9, 0xbb67ae85] as const;
const unit = 2 ** -32;

/**
 * The numbers of `torch.randn(shape, device="cuda", generator=...)` in float32: Philox 4x32-10 (J. Salmon and others,
 * "Parallel random numbers: as easy as 1, 2, 3", 2011) under the Box-Muller transform, element i of call n at counter
 * (n, 0, i, 0). So it is for tensors of up to one launch grid of the graphics card, which is more than any latent
 * here; stored files that say "RNG: NV" mean the same numbers.
 */
export class PhiloxGenerator implements NoiseSource {
  private readonly key: readonly [number, number];
  private calls = 0;

  /** @param seed a whole number -2^63 .. 2^64 - 1 */
  constructor(seed: number | bigint) {
    const bits = BigInt.asUintN(64, BigInt(seed));
    this.key = [Number(bits & 0xffffffffn), Number(bits >> 32n)];
  }

  normal(length: number): Float32Array {
    const values = new Float32Array(length);
    const words = new Uint32Array(4);
    for (let i = 0; i < length; i++) {
      words.set([this.calls, 0, i, 0]);
      philox(words, this.key);
      values[i] = boxMuller(words[0]!, words[1]!);
    }
    this.calls++;
    return values;
  }
}

/** Scrambles the four words of a counter in place under a key of two words. */
function philox(words: Uint32Array, key: readonly [number, number]): void {
  let [key0, key1] = key;
  for (let round = 0; round < rounds; round++) {
    const [c0, c1, c2, c3] = words as unknown as [number, number, number, number];
    words[0] = multiplyHigh(multipliers[1], c2) ^ c1 ^ key0;
    words[1] = Math.imul(multipliers[1], c2);
    words[2] = multiplyHigh(multipliers[0], c0) ^ c3 ^ key1;
    words[3] = Math.imul(multipliers[0], c0);
    key0 = (key0 + keySteps[0]) >>> 0;
    key1 = (key1 + keySteps[1]) >>> 0;
  }
}

/** The high 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 0x10000);
  const carry = (middle % 0x10000) + aLow * bHigh;
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
}

/** One normal number from two words. The graphics card rounds on the way, which can change a number by some 3e-7. */
function boxMuller(x: number, y: number): number {
  const radius = Math.sqrt(-2 * Math.log((x + 0.5) * unit));
  return radius * Math.sin((y + 0.5) * unit * 2 * Math.PI);
}
