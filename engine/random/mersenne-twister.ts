/** Words of state. */
const stateWords = 624;
/** A word is mixed with the one this far ahead. */
const mixDistance = 397;
const matrix = 0x9908b0df;
const upperBit = 0x80000000;
const lowerBits = 0x7fffffff;

/** MT19937 (M. Matsumoto and T. Nishimura, "Mersenne Twister", 1998), seeded with one 32-bit number. */
export class MersenneTwister {
  private readonly state = new Uint32Array(stateWords);
  private position = stateWords;

  constructor(seed: number) {
    const { state } = this;
    state[0] = seed;
    for (let i = 1; i < stateWords; i++) {
      const previous = state[i - 1]!;
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** A whole number 0 .. 2^32 - 1. */
  uint32(): number {
    if (this.position === stateWords) this.twist();
    let y = this.state[this.position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < stateWords; i++) {
      const y = (state[i]! & upperBit) | (state[(i + 1) % stateWords]! & lowerBits);
      state[i] = state[(i + mixDistance) % stateWords]! ^ (y >>> 1) ^ (y & 1 ? matrix : 0);
    }
    this.position = 0;
  }
}
