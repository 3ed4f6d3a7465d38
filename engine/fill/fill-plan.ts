import { maskBounds } from '../image/bounds.ts';
import {
  assignRoles,
  coarsenHole,
  distanceToKnown,
  type HolePlane,
  holeOfMask,
  type RoleCounts,
} from './kernels/hole.ts';

/** Patches are 7x7; smaller only where the known area holds none of that size. */
const PATCH_RADII = [3, 2, 1] as const;

/** A hole no pixel of which is farther than this from a known one starts from a harmonic fill. */
export const MAX_THIN_DISTANCE = 6;

/** No level is made smaller than this. */
export const MIN_LEVEL_SIDE = 24;

/** Above this many targets at the coarsest level one start has to do, as it costs most of the fill's time. */
export const MAX_TRIAL_TARGETS = 10_000;

/** Above this many not even one is worth its time: hardly anything is known of so much. */
export const MAX_START_TARGETS = 100_000;

/** Solutions started at the coarsest level, of which the one of lowest energy goes on: a wrong region is rare then. */
const START_TRIALS = 3;

/** A level must leave the coarsest search something to choose from. */
const MIN_SOURCES = 64;

export interface LevelPlan {
  readonly width: number;
  readonly height: number;
}

export interface FillPlan {
  /** `patches`: from the coarsest level's onion peel. `thin`: patches from a harmonic start. `harmonic`: no patches. */
  readonly method: 'patches' | 'thin' | 'harmonic';
  readonly radius: number;
  /** Solutions to start with. */
  readonly trials: number;
  /** Finest first. */
  readonly levels: readonly LevelPlan[];
}

/**
 * Looks at the mask alone and decides what is done with it.
 *
 * @param mask With hole in it, and with known pixels.
 */
export function planFill(mask: Uint8Array, { width, height }: LevelPlan): FillPlan {
  const size = { width, height };
  const hole = holeOfMask(mask, { ...size, bounds: maskBounds({ ...size, data: mask })! });
  const farthest = distanceToKnown(hole, new Uint16Array(width * height));
  const thin = farthest <= MAX_THIN_DISTANCE;
  const roles = new Uint8Array(width * height);
  for (const radius of PATCH_RADII) {
    const counts = assignRoles(hole, { radius, roles });
    if (counts.sources === 0) continue;
    if (thin) return { method: 'thin', radius, trials: 1, levels: [size] };
    const { levels, targets } = planLevels(hole, { radius, counts, farthest });
    if (targets > MAX_START_TARGETS) continue;
    const trials = targets > MAX_TRIAL_TARGETS ? 1 : START_TRIALS;
    return { method: 'patches', radius, trials, levels };
  }
  return { method: 'harmonic', radius: 0, trials: 0, levels: [] };
}

/**
 * Halves until the hole's middle is two patch radii from known pixels, or nothing would be left to search.
 *
 * @param options `counts` and `farthest` (distance from a known pixel) of the finest level.
 * @returns The levels, finest first, and how many targets the coarsest has.
 */
function planLevels(
  hole: HolePlane,
  options: { readonly radius: number; readonly counts: RoleCounts; readonly farthest: number },
): { levels: LevelPlan[]; targets: number } {
  const { radius } = options;
  let { counts, farthest } = options;
  let level = hole;
  const levels: LevelPlan[] = [];
  for (;;) {
    levels.push({ width: level.width, height: level.height });
    const { targets } = counts;
    if (farthest <= 2 * radius) return { levels, targets };
    level = coarsenHole(level);
    const { width, height } = level;
    if (Math.min(width, height) < MIN_LEVEL_SIDE) return { levels, targets };
    counts = assignRoles(level, { radius, roles: new Uint8Array(width * height) });
    if (counts.sources < MIN_SOURCES) return { levels, targets };
    farthest = distanceToKnown(level, new Uint16Array(width * height));
  }
}

/** Expectation and maximisation rounds of a level, from the finest; coarser ones have the last number. */
const ROUNDS = [2, 3, 4, 6, 9, 12] as const;

/** Search passes a round: what the coarse levels get wrong, the fine ones cannot mend. */
const PASSES = [1, 2, 3, 4] as const;

/** At the finest levels the search only polishes what it was given. */
const SEARCH_RADII = [32, 32] as const;
const MAX_SEARCH_RADIUS = 256;

/**
 * A level with a longer side than this has one round of one pass: what belongs where has been settled on the coarser
 * ones, and every pixel of it costs as much time as one of theirs.
 */
export const MAX_ROUNDS_SIDE = 1400;

/** That pass is to find the pixel that the coarser level was too coarse to tell. */
const ALIGNING_RADIUS = 4;

export interface LevelSchedule {
  readonly rounds: number;
  readonly passes: number;
  /** Power of two. */
  readonly searchRadius: number;
  readonly vote: 'mean' | 'split';
}

/** What is done at level `index` (0 = finest). */
export function scheduleLevel(plan: FillPlan, index: number): LevelSchedule {
  const { width, height } = plan.levels[index]!;
  const side = Math.max(width, height);
  let widest = 1;
  while (widest * 2 <= Math.min(side, MAX_SEARCH_RADIUS)) widest *= 2;
  if (plan.method === 'thin') return { rounds: 2, passes: 4, searchRadius: widest, vote: 'split' };
  const isCoarsest = index === plan.levels.length - 1;
  const vote = index < 2 ? 'split' : 'mean';
  if (!isCoarsest && side > MAX_ROUNDS_SIDE) {
    return { rounds: 1, passes: 1, searchRadius: Math.min(widest, ALIGNING_RADIUS), vote };
  }
  const at = (values: readonly number[]) => values[Math.min(index, values.length - 1)]!;
  return {
    rounds: isCoarsest ? ROUNDS[ROUNDS.length - 1]! : at(ROUNDS),
    passes: isCoarsest ? PASSES[PASSES.length - 1]! : at(PASSES),
    searchRadius: isCoarsest ? widest : Math.min(widest, SEARCH_RADII[index] ?? MAX_SEARCH_RADIUS),
    vote,
  };
}
