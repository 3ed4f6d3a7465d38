import { setImmediate as nextTurn } from 'node:timers/promises';

/** So much work at a time, in pixels, before others have their turn: a few milliseconds. */
const pixelsPerTurn = 2 ** 18;

export interface Pace {
  readonly signal: AbortSignal;
  /** How much is done, 0..steps. */
  readonly onProgress?: (step: number, steps: number) => void;
}

/**
 * Lets a long computation over a picture be heard of and be cancelled: it goes over the rows in bands, and between two of
 * them the event loop has its turn.
 */
export class Pacer {
  readonly #pace: Pace;
  readonly #totalPixels: number;
  #donePixels = 0;

  /** @param passes How often the picture's pixels are gone over in all. */
  constructor(pace: Pace, { pixels, passes }: { readonly pixels: number; readonly passes: number }) {
    this.#pace = pace;
    this.#totalPixels = Math.max(1, pixels * passes);
  }

  /** Runs `work` on rows [first, end) until all are done. Throws the signal's reason once it has aborted. */
  async rows(
    { width, height }: { readonly width: number; readonly height: number },
    work: (first: number, end: number) => void,
  ): Promise<void> {
    const band = Math.max(1, Math.floor(pixelsPerTurn / width));
    for (let first = 0; first < height; first += band) {
      const end = Math.min(height, first + band);
      work(first, end);
      await this.turn((end - first) * width);
    }
  }

  /** Says that so many more pixels are done, and lets others have their turn. Throws the signal's reason once it has aborted. */
  async turn(pixels: number): Promise<void> {
    this.#donePixels = Math.min(this.#totalPixels, this.#donePixels + pixels);
    this.#pace.onProgress?.(this.#donePixels, this.#totalPixels);
    await nextTurn();
    this.#pace.signal.throwIfAborted();
  }
}
