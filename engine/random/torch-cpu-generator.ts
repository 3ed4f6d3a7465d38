import { MersenneTwister } from './mersenne-twister.ts';
import type { NoiseSource } from './noise-source.ts';

/** Tensors of at least this many elements are filled in blocks of as many; smaller ones number by number. */
const blockSize = 16;
const halfBlock = blockSize / 2;
const twoPi = 2 * Math.PI;
const fround = Math.fround;
const twoPiSingle = fround(twoPi);

/**
 * The numbers of `torch.randn(shape, generator=torch.Generator().manual_seed(seed))` in float32, on the CPU: an MT19937
 * under the Box-Muller transform, rounded where torch rounds. What is left open is the last bit of torch's own
 * logarithm, sine and cosine, which depends on the processor.
 */
export class TorchCpuGenerator implements NoiseSource {
  private readonly twister: MersenneTwister;
  /** The second number of the last pair that a small tensor drew; it outlives large tensors drawn in between. */
  private spare: number | undefined;

  /** @param seed a whole number -2^63 .. 2^64 - 1, of which torch uses the lowest 32 bits */
  constructor(seed: number | bigint) {
    this.twister = new MersenneTwister(Number(BigInt.asUintN(32, BigInt(seed))));
  }

  normal(length: number): Float32Array {
    const values = new Float32Array(length);
    if (length >= blockSize) this.fillBlocks(values);
    else for (let i = 0; i < length; i++) values[i] = this.single();
    return values;
  }

  private fillBlocks(values: Float32Array): void {
    for (let i = 0; i < values.length; i++) values[i] = this.uniform24();
    for (let start = 0; start + blockSize <= values.length; start += blockSize) {
      transformBlock(values.subarray(start, start + blockSize));
    }
    if (values.length % blockSize === 0) return;
    const last = values.subarray(values.length - blockSize);
    for (let i = 0; i < blockSize; i++) last[i] = this.uniform24();
    transformBlock(last);
  }

  private single(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const angle = twoPi * this.uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform53()));
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** 0 <= u < 1 in steps of 2^-24: every value is a float32. */
  private uniform24(): number {
    return (this.twister.uint32() & 0xffffff) / 0x1000000;
  }

  /** 0 <= u < 1 in steps of 2^-53: the low 53 bits of two words, the first of them the high one. */
  private uniform53(): number {
    const high = this.twister.uint32() & 0x1fffff;
    return (high * 0x100000000 + this.twister.uint32()) / 0x20000000000000;
  }
}

/** Sixteen uniform numbers become sixteen normal ones in place: the first half gives radii, the second angles. */
function transformBlock(block: Float32Array): void {
  for (let i = 0; i < halfBlock; i++) {
    const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(1 - block[i]!)))));
    const angle = fround(twoPiSingle * block[i + halfBlock]!);
    block[i] = radius * fround(Math.cos(angle));
    block[i + halfBlock] = radius * fround(Math.sin(angle));
  }
}
