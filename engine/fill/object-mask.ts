import { type Bounds, boundsOf, grow, intersect, maskBounds } from '../image/bounds.ts';
import { cropMask, cropPicture } from '../image/crop.ts';
import type { Mask, Picture } from '../image/picture.ts';
import { colourFeatures } from './kernels/features.ts';
import { distanceToKnown, HOLE_THRESHOLD } from './kernels/hole.ts';
import { FEATURES } from './level.ts';

/** How far a mask is grown at most: this many hundredths of the object's size, the root of its area. */
export const REACH_PERCENT = 6;

/** And within these limits, in pixels. */
export const MIN_REACH = 4;
export const MAX_REACH = 24;

/** Values of the mask beside what was added: one pixel more, for what the eye still sees of an edge, then a soft end. */
const FEATHER = [255, 170, 85] as const;

/** How far a grown mask's pixels can be from those of the mask that was given, in rows and columns. */
export const MAX_MASK_GROWTH = MAX_REACH + FEATHER.length;

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

/**
 * The mask of a roughly marked object grown over what it has left of it: antialiased edges, halos, the soft edge of a
 * shadow. Added is what lies within a small reach of the mask, hangs together with it, and looks like nothing
 * in the surroundings farther out; so nothing is added where they are plain or go on into the mask. Grey pixels of the
 * mask that still show the object become white. What is added gets a soft edge of two pixels.
 *
 * Integer arithmetic throughout; looks at the mask's bounds and a little around them, whatever the picture's size.
 *
 * @param mask As large as the picture; above 4 of 255 is object.
 * @returns A mask nowhere below the one given, which comes back itself where nothing is added or nothing would be left.
 */
export function growObjectMask(picture: Picture, mask: Mask): Mask {
  const bounds = maskBounds(mask);
  if (bounds === null) return mask;
  const reach = reachOf(cropMask(mask, bounds));
  // Surroundings are looked for up to twice the reach from any pixel that may be added.
  const area = intersect(grow(bounds, 3 * reach + FEATHER.length), boundsOf(mask));
  const object = new ObjectSearch(picture, { mask, area, reach });
  const added = object.run();
  if (!added.includes(1)) return mask;
  const grown = { ...mask, data: mask.data.slice() };
  layOver(grown, added, area);
  return leavesNothing(grown, area) ? mask : grown;
}

function reachOf({ data }: Mask): number {
  let pixels = 0;
  for (const value of data) if (value > HOLE_THRESHOLD) pixels++;
  const share = Math.floor((Math.floor(Math.sqrt(pixels)) * REACH_PERCENT) / 100);
  return Math.min(Math.max(share, MIN_REACH), MAX_REACH);
}

interface SearchOptions {
  readonly mask: Mask;
  readonly area: Bounds;
  readonly reach: number;
}

/** Spreads from the mask outwards over pixels that look like nothing around. All coordinates are in the area. */
class ObjectSearch {
  readonly #width: number;
  readonly #height: number;
  readonly #mask: Uint8Array;
  readonly #colours: Uint8Array;
  /** To the nearest pixel of the object as it was marked; 0 in it. */
  readonly #distance: Uint16Array;
  readonly #reach: number;
  readonly #tolerance: number;
  /** Unknown, strange among the surroundings, or one of them. */
  readonly #looks: Uint8Array;

  constructor(picture: Picture, { mask, area, reach }: SearchOptions) {
    const { width, height } = area;
    const count = width * height;
    this.#width = width;
    this.#height = height;
    this.#reach = reach;
    this.#mask = cropMask(mask, area).data;
    this.#colours = new Uint8Array(count * FEATURES);
    const { data, channels } = cropPicture(picture, area);
    colourFeatures(data, { channels, width, band: { top: 0, bottom: height }, pixels: this.#colours });
    this.#distance = new Uint16Array(count);
    const outside = this.#mask.map((value) => (value > HOLE_THRESHOLD ? 0 : 1));
    distanceToKnown({ width, height, data: outside, bounds: boundsOf({ width, height }) }, this.#distance);
    this.#looks = new Uint8Array(count);
    this.#tolerance = Math.min(Math.max(this.#spread(), MIN_TOLERANCE), MAX_TOLERANCE);
  }

  /** 1 where the object was found beyond what is white in the mask. */
  run(): Uint8Array {
    const added = new Uint8Array(this.#mask.length);
    const seen = new Uint8Array(this.#mask.length);
    const queue: number[] = [];
    for (let i = 0; i < this.#mask.length; i++) {
      if (this.#mask[i] === 255 || this.#distance[i]! > 1) continue;
      seen[i] = 1;
      queue.push(i);
    }
    // The queue grows while it is walked through.
    for (const i of queue) {
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
function layOver(grown: Mask, added: Uint8Array, area: Bounds): void {
  const { width: maskWidth, data } = grown;
  const feather = FEATHER.length;
  for (let y = 0; y < area.height; y++) {
    for (let x = 0; x < area.width; x++) {
      if (added[y * area.width + x] === 0) continue;
      for (let dy = -feather; dy <= feather; dy++) {
        for (let dx = -feather; dx <= feather; dx++) {
          if (x + dx < 0 || x + dx >= area.width || y + dy < 0 || y + dy >= area.height) continue;
          const at = (area.top + y + dy) * maskWidth + area.left + x + dx;
          const distance = Math.max(Math.abs(dx), Math.abs(dy));
          data[at] = Math.max(data[at]!, distance === 0 ? 255 : FEATHER[distance - 1]!);
        }
      }
    }
  }
}

/** Whether the picture would have no known pixel any more. */
function leavesNothing(mask: Mask, area: Bounds): boolean {
  if (area.width < mask.width || area.height < mask.height) return false;
  return mask.data.every((value) => value > HOLE_THRESHOLD);
}
