import type { Bounds } from '../../image/bounds.ts';
import type { Level } from '../level.ts';

/**
 * What a source costs for lying across the direction in which a picture grows. Sideways things stay at their height:
 * horizons, ground lines, skies; up and down they stay above each other.
 */
export interface OffsetPrior {
  /** The picture before it grew, in the level's pixels. */
  readonly known: Bounds;
}

/** The cost of a source a whole side away, that of a patch whose features are this many levels off: a preference, no rule. */
const LEVELS_OFF = 48;
const FEATURES_COMPARED = 4;

/** @returns Integer, to add to the cost of a whole patch. */
export function offsetCost(
  level: Level,
  { known }: OffsetPrior,
  { x, y, sourceX, sourceY }: { x: number; y: number; sourceX: number; sourceY: number },
): number {
  const isBeside = x < known.left || x >= known.left + known.width;
  const isAbove = y < known.top || y >= known.top + known.height;
  const side = 2 * level.radius + 1;
  const full = side * side * FEATURES_COMPARED * LEVELS_OFF * LEVELS_OFF;
  const down = Math.floor((full * Math.abs(sourceY - y)) / known.height);
  const along = Math.floor((full * Math.abs(sourceX - x)) / known.width);
  // A corner may be continued either way.
  if (isBeside && isAbove) return Math.min(down, along);
  if (isBeside) return down;
  return isAbove ? along : 0;
}
