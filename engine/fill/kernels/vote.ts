import { type Band, FEATURES, type Field, HOLE, type Level, NO_COST, NO_SOURCE } from '../level.ts';
import { blueOf, greenOf, redOf } from './adapt.ts';

/**
 * `mean`: weighted mean of all patches over the pixel. `split`: low frequencies of that mean, detail of the best patch.
 */
export type VoteMode = 'mean' | 'split';

/** Patches over one pixel at most: 7x7. */
const MAX_VOTES = 49;

/** Weights are in units of 1 / 4096. */
const WEIGHT_ONE = 4096;

/** Steps of the table of exp(-d2 / (2 s2)) for each unit of d2 / s2. */
const STEPS_PER_UNIT = 32;

/** Products of constants only, so every engine gets the same integers. */
function geometricWeights(ratio: number, length: number): Uint16Array {
  const weights = new Uint16Array(length);
  let weight = WEIGHT_ONE;
  for (let i = 0; i < length; i++) {
    weights[i] = Math.max(1, Math.floor(weight + 0.5));
    weight *= ratio;
  }
  return weights;
}

/** exp(-1/64): one step of 1/32 in d2 / s2. */
export const similarityWeights = geometricWeights(0.984496437005408, 16 * STEPS_PER_UNIT);
// What is still less alike has no say: even the smallest weight beside the border counts for something inside.
similarityWeights[similarityWeights.length - 1] = 0;

/** 1.6^-distance of the patch's centre to the border (Wexler et al. 2007, section 3.2, with 1.3), constant from 10 px. */
export const borderWeights = geometricWeights(1 / 1.6, 11);

/** s2 below this (one grey level a pixel and feature) would make a lottery of equally good patches. */
const MIN_VARIANCE = 49;

/** The patches over one pixel: where each would copy it from, and how much it counts. */
export interface Votes {
  count: number;
  /** Pixel index of each vote's source. */
  readonly sources: Int32Array;
  readonly costs: Uint32Array;
  readonly weights: Int32Array;
  /** Each vote's colour correction, packed. */
  readonly corrections: Int32Array;
  /** Index of the vote with the lowest cost; among equals, the one whose centre is nearest. -1 without votes. */
  best: number;
  readonly sorted: Uint32Array;
  /** What `weightedMeans` found. */
  readonly means: Int32Array;
}

export function createVotes(): Votes {
  return {
    count: 0,
    sources: new Int32Array(MAX_VOTES),
    costs: new Uint32Array(MAX_VOTES),
    weights: new Int32Array(MAX_VOTES),
    corrections: new Int32Array(MAX_VOTES),
    best: -1,
    sorted: new Uint32Array(MAX_VOTES),
    means: new Int32Array(FEATURES),
  };
}

/** Gathers into `votes` what every patch over (x, y) says; patches without a cost yet do not vote. */
export function gatherVotes(
  votes: Votes,
  level: Level,
  { field, front, x, y }: { field: Field; front: 0 | 1; x: number; y: number },
): void {
  const { width, height, radius, targets, distance } = level;
  const neighbours = field.neighbours[front]!;
  const corrections = field.neighbours[1 - front]!;
  const { sources, costs, weights, sorted } = votes;
  const top = Math.max(y - radius, targets.top, 0);
  const bottom = Math.min(y + radius, targets.top + targets.height - 1, height - 1);
  const left = Math.max(x - radius, targets.left, 0);
  const right = Math.min(x + radius, targets.left + targets.width - 1, width - 1);
  let count = 0;
  let best = -1;
  let bestCost = 0;
  let bestOffset = 0;
  for (let centreY = top; centreY <= bottom; centreY++) {
    for (let centreX = left; centreX <= right; centreX++) {
      const i = (centreY - targets.top) * targets.width + (centreX - targets.left);
      const cost = field.costs[i]!;
      const neighbour = neighbours[i]!;
      if (cost === NO_COST || neighbour === NO_SOURCE) continue;
      sources[count] = ((neighbour >> 16) + y - centreY) * width + (neighbour & 0xffff) + x - centreX;
      costs[count] = cost;
      votes.corrections[count] = corrections[i]!;
      weights[count] = borderWeights[Math.min(distance[centreY * width + centreX]!, 10)]!;
      const offset = (x - centreX) * (x - centreX) + (y - centreY) * (y - centreY);
      if (best === -1 || cost < bestCost || (cost === bestCost && offset < bestOffset)) {
        best = count;
        bestCost = cost;
        bestOffset = offset;
      }
      // Insertion sort: at most 49 values, and mostly few are out of order.
      let at = count++;
      for (; at > 0 && sorted[at - 1]! > cost; at--) sorted[at] = sorted[at - 1]!;
      sorted[at] = cost;
    }
  }
  votes.count = count;
  votes.best = best;
  if (count === 0) return;
  // s2: the 75th percentile of the patches' distances (Wexler et al. 2007).
  const variance = Math.max(sorted[(3 * (count - 1)) >> 2]!, MIN_VARIANCE);
  let bestWeight = 0;
  for (let i = 0; i < count; i++) {
    const step = Math.floor((costs[i]! * STEPS_PER_UNIT) / variance);
    const similarity = similarityWeights[Math.min(step, similarityWeights.length - 1)]!;
    // May be 0, but not of all: three in four are within s2. A floor would let the many that do not fit add up.
    weights[i] = (weights[i]! * similarity) >> 12;
    if (weights[i]! > bestWeight) {
      bestWeight = weights[i]!;
      votes.best = i;
    }
  }
}

/** Writes the weighted means of all features over the votes to `votes.means`, in units of 1 / `scale`, rounded to nearest. */
export function weightedMeans(votes: Votes, plane: Uint8Array, scale: number): void {
  const { count, sources, weights, means } = votes;
  let total = 0;
  let red = 0;
  let green = 0;
  let blue = 0;
  let texture = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[i]!;
    const from = sources[i]! * FEATURES;
    total += weight;
    red += Math.imul(weight, plane[from]!);
    green += Math.imul(weight, plane[from + 1]!);
    blue += Math.imul(weight, plane[from + 2]!);
    texture += Math.imul(weight, plane[from + 3]!);
  }
  means[0] = Math.floor((2 * scale * red + total) / (2 * total));
  means[1] = Math.floor((2 * scale * green + total) / (2 * total));
  means[2] = Math.floor((2 * scale * blue + total) / (2 * total));
  means[3] = Math.floor((2 * scale * texture + total) / (2 * total));
}

/**
 * As `weightedMeans` of the low band, each patch's colours corrected to what it meets at the border (`adaptColours`
 * has run). Texture is left out.
 */
export function adaptedMeans(votes: Votes, low: Uint8Array, scale: number): void {
  const { count, sources, weights, corrections, means } = votes;
  let total = 0;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[i]!;
    const from = sources[i]! * FEATURES;
    const correction = corrections[i]!;
    total += weight;
    red += Math.imul(weight, low[from]! + redOf(correction));
    green += Math.imul(weight, low[from + 1]! + greenOf(correction));
    blue += Math.imul(weight, low[from + 2]! + blueOf(correction));
  }
  means[0] = Math.floor((2 * scale * red + total) / (2 * total));
  means[1] = Math.floor((2 * scale * green + total) / (2 * total));
  means[2] = Math.floor((2 * scale * blue + total) / (2 * total));
}

export function clampByte(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255);
}

/**
 * Sets every hole pixel of the band from the patches over it. Sources are known pixels, which no vote changes, so
 * bands may vote at the same time and in place.
 *
 * @returns The sum of the absolute changes of all colours.
 */
export function voteBand(
  level: Level,
  field: Field,
  { band, front, mode }: { band: Band; front: 0 | 1; mode: VoteMode },
): number {
  const { width, roles, targets, low } = level;
  const { pixels } = field;
  const votes = createVotes();
  const { means } = votes;
  let change = 0;
  for (let y = band.top; y < band.bottom; y++) {
    for (let x = targets.left; x < targets.left + targets.width; x++) {
      const to = (y * width + x) * FEATURES;
      if ((roles[y * width + x]! & HOLE) === 0) continue;
      gatherVotes(votes, level, { field, front, x, y });
      if (votes.count === 0) continue;
      if (mode === 'split' && low !== null) {
        const from = votes.sources[votes.best]! * FEATURES;
        adaptedMeans(votes, low, 1);
        for (let c = 0; c < 3; c++) means[c] = clampByte(means[c]! + pixels[from + c]! - low[from + c]!);
        means[3] = pixels[from + 3]!;
      } else {
        weightedMeans(votes, pixels, 1);
      }
      for (let c = 0; c < FEATURES; c++) {
        if (c < 3) change += Math.abs(means[c]! - pixels[to + c]!);
        pixels[to + c] = means[c]!;
      }
    }
  }
  return change;
}
