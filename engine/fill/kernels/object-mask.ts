import { boundsOf, type Size } from '../../image/bounds.ts';
import { FEATURES } from '../level.ts';
import type { Canvas } from './composite.ts';
import { colourFeatures } from './features.ts';
import { distanceToKnown, HOLE_THRESHOLD } from './hole.ts';

/** Values of the mask beside what was added: one pixel more, for what the eye still sees of an edge, then a soft end. */
export const FEATHER = [255, 170, 85] as const;

/**
 * A pixel looks like another when no colour differs by more than the surroundings do among themselves (the median
 * difference of two pixels a reach apart, which a slope raises as texture does), within these limits, of 255: a smooth
 * sky shows a shadow of 3 levels, gravel hides 10.
 */
const MIN_TOLERANCE = 2;
const MAX_TOLERANCE = 8;

/** So many pixels of the surroundings that look like it make a pixel one of them. */
const MIN_ALIKE = 4;

/** Places looked at across the window of a pixel's surroundings; of a larger window not every pixel. */
const WINDOW_PLACES = 32;

/** Fewer pixels of surroundings than this tell nothing. */
const MIN_SURROUNDINGS = 12;

/** Of a pixel's 3x3 as many must be object, or it is a speck of texture. */
const MIN_OBJECT_NEIGHBOURS = 5;

/** Pixels looked at between two looks at whether the job was cancelled: some ten milliseconds. */
const PIXELS_PER_CHECK = 256;

interface SearchOptions {
  /** How far from the object as it was marked a pixel is added at most. */
  readonly reach: number;
  /** Asked often; once true nothing more is done. */
  readonly cancelled: () => boolean;
}

/**
 * Adds to the mask, in place, what lies within the reach of its object, hangs together with it, and looks like nothing
 * in the surroundings farther out: white, with a soft edge.
 *
 * @param canvas The object with its surroundings: three reaches around it, where the picture has so much.
 * @returns Whether anything was added.
 */
export function growMask(canvas: Canvas & Size, options: SearchOptions): boolean {
  const added = new ObjectSearch(canvas, options).run();
  if (options.cancelled() || !added.includes(1)) return false;
  layOver(canvas, added);
  return true;
}

/** Spreads from the mask outwards over pixels that look like nothing around. All coordinates are the canvas's. */
class ObjectSearch {
  readonly #width: number;
  readonly #height: number;
  readonly #mask: Uint8Array;
  readonly #colours: Uint8Array;
  /** To the nearest pixel of the object as it was marked; 0 in it. */
  readonly #distance: Uint16Array;
  readonly #reach: number;
  readonly #cancelled: () => boolean;
  #tolerance = MIN_TOLERANCE;
  /** Unknown, strange among the surroundings, or one of them. */
  readonly #looks: Uint8Array;

  constructor({ width, height, samples, channels, mask }: Canvas & Size, options: SearchOptions) {
    this.#width = width;
    this.#height = height;
    this.#mask = mask;
    this.#reach = options.reach;
    this.#cancelled = options.cancelled;
    const count = width * height;
    this.#colours = new Uint8Array(count * FEATURES);
    this.#distance = new Uint16Array(count);
    this.#looks = new Uint8Array(count);
    if (this.#cancelled()) return;
    colourFeatures(samples, { channels, width, band: { top: 0, bottom: height }, pixels: this.#colours });
    if (this.#cancelled()) return;
    const outside = mask.map((value) => (value > HOLE_THRESHOLD ? 0 : 1));
    distanceToKnown({ width, height, data: outside, bounds: boundsOf({ width, height }) }, this.#distance);
    if (this.#cancelled()) return;
    this.#tolerance = Math.min(Math.max(this.#spread(), MIN_TOLERANCE), MAX_TOLERANCE);
  }

  /** 1 where the object was found beyond what is white in the mask. */
  run(): Uint8Array {
    const added = new Uint8Array(this.#mask.length);
    if (this.#cancelled()) return added;
    const seen = new Uint8Array(this.#mask.length);
    const queue: number[] = [];
    for (let i = 0; i < this.#mask.length; i++) {
      if (this.#mask[i] === 255 || this.#distance[i]! > 1) continue;
      seen[i] = 1;
      queue.push(i);
    }
    // The queue grows while it is walked through.
    for (let n = 0; n < queue.length; n++) {
      if (n % PIXELS_PER_CHECK === 0 && this.#cancelled()) break;
      const i = queue[n]!;
      if (!this.#isObject(i)) continue;
      added[i] = 1;
      this.#forNeighbours(i, (neighbour) => {
        if (seen[neighbour] === 1 || this.#distance[neighbour]! > this.#reach) return;
        seen[neighbour] = 1;
        if (this.#mask[neighbour] !== 255) queue.push(neighbour);
      });
    }
    return added;
  }

  /** The median of how much two pixels of the surroundings differ that are a reach apart, beside or below each other. */
  #spread(): number {
    const counts = new Uint32Array(256);
    let total = 0;
    const isAround = (i: number) => this.#distance[i]! > this.#reach;
    const stride = Math.max(1, this.#reach >> 2);
    for (let y = 0; y < this.#height; y += stride) {
      for (let x = 0; x < this.#width; x += stride) {
        const i = y * this.#width + x;
        if (!isAround(i)) continue;
        const beside = i + this.#reach;
        const below = i + this.#reach * this.#width;
        const hasBeside = x + this.#reach < this.#width && isAround(beside);
        const hasBelow = y + this.#reach < this.#height && isAround(below);
        if (!hasBeside && !hasBelow) continue;
        const difference = Math.max(
          hasBeside ? this.#difference(i, beside) : 0,
          hasBelow ? this.#difference(i, below) : 0,
        );
        counts[difference]!++;
        total++;
      }
    }
    let median = 0;
    for (let below = counts[0]!; 2 * below < total; below += counts[median]!) median++;
    return median;
  }

  /** Of the colour that differs most. */
  #difference(i: number, j: number): number {
    const colours = this.#colours;
    const a = i * FEATURES;
    const b = j * FEATURES;
    return Math.max(
      Math.abs(colours[a]! - colours[b]!),
      Math.abs(colours[a + 1]! - colours[b + 1]!),
      Math.abs(colours[a + 2]! - colours[b + 2]!),
    );
  }

  /** Strange, and so are most of its neighbours, unless they are of the marked object. */
  #isObject(i: number): boolean {
    if (!this.#isStrange(i)) return false;
    let count = 1;
    this.#forNeighbours(i, (neighbour) => {
      if (this.#mask[neighbour] === 255 || this.#isStrange(neighbour)) count++;
    });
    return count >= MIN_OBJECT_NEIGHBOURS;
  }

  #isStrange(i: number): boolean {
    if (this.#looks[i] === 0) this.#looks[i] = this.#measure(i) ? 1 : 2;
    return this.#looks[i] === 1;
  }

  /** Whether hardly a pixel of the surroundings looks like this one; nearer ones do where the picture ends. */
  #measure(i: number): boolean {
    return this.#isUnlike(i, this.#reach) ?? this.#isUnlike(i, this.#reach >> 1) ?? false;
  }

  /** Undefined where too little is farther than `from` pixels from the object. */
  #isUnlike(i: number, from: number): boolean | undefined {
    const radius = 2 * this.#reach;
    const stride = Math.max(1, Math.floor((2 * radius) / WINDOW_PLACES));
    const x = i % this.#width;
    const y = Math.floor(i / this.#width);
    const bottom = Math.min(y + radius, this.#height - 1);
    const right = Math.min(x + radius, this.#width - 1);
    let surroundings = 0;
    let alike = 0;
    for (let row = Math.max(y - radius, 0); row <= bottom; row += stride) {
      // Rows take turns, so that a thin upright line is met too.
      const first = Math.max(x - radius, 0) + (Math.floor(row / stride) % stride);
      for (let column = first; column <= right; column += stride) {
        const other = row * this.#width + column;
        if (this.#distance[other]! <= from) continue;
        surroundings++;
        if (this.#difference(i, other) <= this.#tolerance && ++alike >= MIN_ALIKE) return false;
      }
    }
    return surroundings >= MIN_SURROUNDINGS ? true : undefined;
  }

  #forNeighbours(i: number, visit: (neighbour: number) => void): void {
    const x = i % this.#width;
    const y = Math.floor(i / this.#width);
    for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, this.#height - 1); row++) {
      for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, this.#width - 1); column++) {
        if (row !== y || column !== x) visit(row * this.#width + column);
      }
    }
  }
}

/** White where something was added, and its soft edge. */
function layOver({ width, height, mask }: Canvas & Size, added: Uint8Array): void {
  const feather = FEATHER.length;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (added[y * width + x] === 0) continue;
      for (let row = Math.max(y - feather, 0); row <= Math.min(y + feather, height - 1); row++) {
        for (let column = Math.max(x - feather, 0); column <= Math.min(x + feather, width - 1); column++) {
          const distance = Math.max(Math.abs(row - y), Math.abs(column - x));
          const at = row * width + column;
          mask[at] = Math.max(mask[at]!, distance === 0 ? 255 : FEATHER[distance - 1]!);
        }
      }
    }
  }
}
