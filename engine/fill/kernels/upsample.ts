import { boundedHash, keyedHash } from '../../random/keyed-hash.ts';
import { type Band, type Field, type Level, NO_COST, NO_SOURCE, TARGET } from '../level.ts';
import { cutWindow, isSource, type PatchWindow } from './patch-cost.ts';

/** Random places tried for a target for which the coarser level has no answer that fits. */
const RANDOM_PROBES = 16;

/** The cost of a neighbour nobody has measured: it votes where no other does, and counts next to nothing elsewhere. */
const UNKNOWN_COST = 0x7fffffff;

/**
 * The finer level's first neighbours: every target takes the offset of the coarser target it lies in, doubled, and
 * that one's cost. Where that source is not one here, the offsets around are tried, then random sources.
 */
export function upsampleField(
  coarse: { readonly level: Level; readonly field: Field; readonly front: 0 | 1 },
  fine: { readonly level: Level; readonly field: Field; readonly band: Band; readonly key: number },
): void {
  const { level, band } = fine;
  const { targets, width } = level;
  const neighbours = fine.field.neighbours[0];
  const window: PatchWindow = { top: 0, bottom: 0, left: 0, right: 0 };
  const coarseTargets = coarse.level.targets;
  const coarseNeighbours = coarse.field.neighbours[coarse.front]!;
  for (let y = band.top; y < band.bottom; y++) {
    for (let x = targets.left; x < targets.left + targets.width; x++) {
      const i = (y - targets.top) * targets.width + (x - targets.left);
      neighbours[i] = NO_SOURCE;
      fine.field.costs[i] = NO_COST;
      if ((level.roles[y * width + x]! & TARGET) === 0) continue;
      cutWindow(window, level, { x, y });
      for (let n = 0; n < 9 && neighbours[i] === NO_SOURCE; n++) {
        // The target's own coarse pixel first, then the eight around it.
        const around = n === 0 ? 4 : n <= 4 ? n - 1 : n;
        const coarseX = (x >> 1) + (around % 3) - 1;
        const coarseY = (y >> 1) + Math.floor(around / 3) - 1;
        const column = coarseX - coarseTargets.left;
        const row = coarseY - coarseTargets.top;
        if (column < 0 || column >= coarseTargets.width || row < 0 || row >= coarseTargets.height) continue;
        const coarseIndex = row * coarseTargets.width + column;
        const neighbour = coarseNeighbours[coarseIndex]!;
        if (neighbour === NO_SOURCE) continue;
        const sourceX = x + 2 * ((neighbour & 0xffff) - coarseX);
        const sourceY = y + 2 * ((neighbour >> 16) - coarseY);
        if (!isSource(level, window, sourceX, sourceY)) continue;
        neighbours[i] = (sourceY << 16) | sourceX;
        fine.field.costs[i] = coarse.field.costs[coarseIndex]!;
      }
      if (neighbours[i] === NO_SOURCE) {
        neighbours[i] = randomSource(level, window, { x, y, key: fine.key });
        fine.field.costs[i] = UNKNOWN_COST;
      }
    }
  }
}

/** First neighbours without a coarser level: random sources near the target. */
export function scatterField(
  level: Level,
  field: Field,
  { band, key }: { readonly band: Band; readonly key: number },
): void {
  const { targets, width } = level;
  const window: PatchWindow = { top: 0, bottom: 0, left: 0, right: 0 };
  for (let y = band.top; y < band.bottom; y++) {
    for (let x = targets.left; x < targets.left + targets.width; x++) {
      const i = (y - targets.top) * targets.width + (x - targets.left);
      field.neighbours[0][i] = NO_SOURCE;
      field.costs[i] = NO_COST;
      if ((level.roles[y * width + x]! & TARGET) === 0) continue;
      cutWindow(window, level, { x, y });
      field.neighbours[0][i] = randomSource(level, window, { x, y, key });
    }
  }
}

interface RandomPlace {
  readonly x: number;
  readonly y: number;
  readonly key: number;
}

/** A source within a reach that doubles every other attempt, as near ones are likelier to fit; else the first of all. */
function randomSource(level: Level, window: PatchWindow, { x, y, key }: RandomPlace): number {
  const targetKey = keyedHash(key, (y << 16) | x);
  for (let n = 0; n < RANDOM_PROBES; n++) {
    const reach = 8 << (n >> 1);
    const sourceX = x + boundedHash(keyedHash(targetKey, 2 * n), 2 * reach + 1) - reach;
    const sourceY = y + boundedHash(keyedHash(targetKey, 2 * n + 1), 2 * reach + 1) - reach;
    if (isSource(level, window, sourceX, sourceY)) return (sourceY << 16) | sourceX;
  }
  const first = level.roles.findIndex((_, i) => {
    const sourceX = i % level.width;
    return isSource(level, window, sourceX, (i - sourceX) / level.width);
  });
  return (Math.floor(first / level.width) << 16) | (first % level.width);
}
