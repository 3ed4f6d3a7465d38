import { type Level, NO_SOURCE } from '../level.ts';
import { type OffsetPrior, offsetCost } from './offset-prior.ts';
import {
  cutWindow,
  isSource,
  type PatchWindow,
  patchCost,
  wholePatchCost,
  windowCount,
} from './patch-cost.ts';

/** More than any patch costs. */
const NO_LIMIT = 0x7fffffff;

/** The target that sources are tried on, and the best of them so far. One object serves a whole pass. */
export class SourceMatch {
  /** Packed as in a field's neighbours, or `NO_SOURCE`. */
  best: number = NO_SOURCE;
  /** The part of the target's patch that lies in the picture. */
  readonly window: PatchWindow = { top: 0, bottom: 0, left: 0, right: 0 };
  readonly #level: Level;
  readonly #pixels: Uint8Array;
  readonly #prior: OffsetPrior | undefined;
  #x = 0;
  #y = 0;
  /** Of the best source, `#offset` included. */
  #cost = 0;
  /** What the prior adds to it. */
  #offset = 0;

  constructor(level: Level, pixels: Uint8Array, prior: OffsetPrior | undefined) {
    this.#level = level;
    this.#pixels = pixels;
    this.#prior = prior;
  }

  /** Goes on with the target at (x, y), whose source so far is `source`; its cost is measured anew. */
  begin(x: number, y: number, source: number): void {
    this.#x = x;
    this.#y = y;
    this.best = source;
    cutWindow(this.window, this.#level, { x, y });
    if (source === NO_SOURCE) {
      this.#cost = Number.POSITIVE_INFINITY;
      return;
    }
    const sourceX = source & 0xffff;
    const sourceY = source >> 16;
    this.#offset = this.#offsetOf(sourceX, sourceY);
    this.#cost = this.#costOf(sourceX, sourceY, NO_LIMIT) + this.#offset;
  }

  /** Takes (x, y) as the target's source if it may be one and costs less. */
  consider(x: number, y: number): void {
    const candidate = (y << 16) | x;
    if (candidate === this.best || !isSource(this.#level, this.window, x, y)) return;
    const offset = this.#offsetOf(x, y);
    if (offset >= this.#cost) return;
    const cost = this.#costOf(x, y, this.#cost - offset) + offset;
    if (cost >= this.#cost) return;
    this.#cost = cost;
    this.#offset = offset;
    this.best = candidate;
  }

  /** What the best source's patch costs, without the prior and as of a whole patch. */
  wholeCost(): number {
    return wholePatchCost(this.#cost - this.#offset, windowCount(this.window), this.#level);
  }

  #offsetOf(sourceX: number, sourceY: number): number {
    if (this.#prior === undefined) return 0;
    return offsetCost(this.#level, this.#prior, { x: this.#x, y: this.#y, sourceX, sourceY });
  }

  #costOf(sourceX: number, sourceY: number, limit: number): number {
    const { width } = this.#level;
    const target = this.#y * width + this.#x;
    return patchCost(this.#pixels, width, target, sourceY * width + sourceX, this.window, limit);
  }
}
