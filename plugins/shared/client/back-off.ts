/** How long to wait between tries to connect: 1, 2, 5, 10, 10, … seconds. */
export const backOffDelaysMs: readonly number[] = [1_000, 2_000, 5_000, 10_000];

export class BackOff {
  readonly #delaysMs: readonly number[];
  #tries = 0;

  constructor(delaysMs: readonly number[] = backOffDelaysMs) {
    this.#delaysMs = delaysMs;
  }

  /** The wait before the next try. */
  next(): number {
    const index = Math.min(this.#tries, this.#delaysMs.length - 1);
    this.#tries += 1;
    return this.#delaysMs[index] ?? 0;
  }

  /** To be called after a success. */
  reset(): void {
    this.#tries = 0;
  }
}
