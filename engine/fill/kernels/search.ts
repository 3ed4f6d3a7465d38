import { boundedHash, keyedHash } from '../../random/keyed-hash.ts';
import { type Band, type Field, type Level, NO_SOURCE, TARGET } from '../level.ts';
import { type OffsetPrior, offsetCost } from './offset-prior.ts';
import {
  cutWindow,
  isSource,
  type PatchWindow,
  patchCost,
  wholePatchCost,
  windowCount,
} from './patch-cost.ts';

export interface SearchOptions {
  readonly band: Band;
  /** The buffer with the previous pass's neighbours; the other one is written. */
  readonly front: 0 | 1;
  /** Of this pass alone. */
  readonly key: number;
  /** Scan down and right, or up and left. */
  readonly forward: boolean;
  /** The random search's first and largest radius in pixels. */
  readonly searchRadius: number;
  /** Added to every candidate's cost, not to the costs that are kept. */
  readonly prior?: OffsetPrior | undefined;
}

/**
 * One PatchMatch pass over the targets of a band (Barnes et al. 2009, section 3.2): propagation from the two
 * neighbours already scanned, then a random search in a square halved from `searchRadius` to 1. In the band it works
 * in place; neighbours outside are read as the previous pass left them, so that bands are independent of each other.
 * Every target's cost is measured anew, as the picture may have been voted on since.
 *
 * @returns How many targets have another neighbour than before.
 */
export function searchPass(level: Level, field: Field, options: SearchOptions): number {
  const { width, height, roles, targets } = level;
  const { band, forward, key, searchRadius, prior } = options;
  const before = field.neighbours[options.front]!;
  const after = field.neighbours[1 - options.front]!;
  const { pixels, costs } = field;
  const rowStart = (band.top - targets.top) * targets.width;
  const rowEnd = (band.bottom - targets.top) * targets.width;
  for (let i = rowStart; i < rowEnd; i++) after[i] = before[i]!;

  const step = forward ? 1 : -1;
  const firstX = forward ? targets.left : targets.left + targets.width - 1;
  const endX = forward ? targets.left + targets.width : targets.left - 1;
  const firstY = forward ? band.top : band.bottom - 1;
  const endY = forward ? band.bottom : band.top - 1;
  const topRow = targets.top;
  const bottomRow = targets.top + targets.height;
  const window: PatchWindow = { top: 0, bottom: 0, left: 0, right: 0 };
  let changed = 0;

  for (let y = firstY; y !== endY; y += step) {
    const aboveY = y - step;
    // The row scanned before this one: this pass's in the band, the previous pass's outside it.
    const hasAbove = aboveY >= topRow && aboveY < bottomRow;
    const above = aboveY >= band.top && aboveY < band.bottom ? after : before;
    for (let x = firstX; x !== endX; x += step) {
      const target = y * width + x;
      if ((roles[target]! & TARGET) === 0) continue;
      const i = (y - topRow) * targets.width + (x - targets.left);
      cutWindow(window, level, { x, y });
      const first = after[i]!;
      let best = first;
      let cost = 0xffffffff;
      let offset = 0;
      if (best !== NO_SOURCE) {
        const source = { x, y, sourceX: best & 0xffff, sourceY: best >> 16 };
        cost = patchCost(pixels, width, target, source.sourceY * width + source.sourceX, window, 0x7fffffff);
        if (prior !== undefined) {
          offset = offsetCost(level, prior, source);
          cost += offset;
        }
      }

      for (let direction = 0; direction < 2; direction++) {
        let neighbour = NO_SOURCE;
        let dx = 0;
        let dy = 0;
        if (direction === 0) {
          if (x === firstX) continue;
          neighbour = after[i - step]!;
          dx = step;
        } else {
          if (!hasAbove) continue;
          neighbour = above[i - step * targets.width]!;
          dy = step;
        }
        if (neighbour === NO_SOURCE) continue;
        const sourceX = (neighbour & 0xffff) + dx;
        const sourceY = (neighbour >> 16) + dy;
        const candidate = (sourceY << 16) | sourceX;
        if (candidate === best || !isSource(level, window, sourceX, sourceY)) continue;
        const source = sourceY * width + sourceX;
        const candidateOffset =
          prior === undefined ? 0 : offsetCost(level, prior, { x, y, sourceX, sourceY });
        if (candidateOffset >= cost) continue;
        const candidateCost =
          patchCost(pixels, width, target, source, window, cost - candidateOffset) + candidateOffset;
        if (candidateCost < cost) {
          cost = candidateCost;
          offset = candidateOffset;
          best = candidate;
        }
      }

      const targetKey = keyedHash(key, (y << 16) | x);
      let draw = 0;
      for (let reach = searchRadius; reach >= 1; reach >>= 1) {
        const centreX = best === NO_SOURCE ? x : best & 0xffff;
        const centreY = best === NO_SOURCE ? y : best >> 16;
        const left = Math.max(centreX - reach, -window.left);
        const right = Math.min(centreX + reach, width - 1 - window.right);
        const top = Math.max(centreY - reach, -window.top);
        const bottom = Math.min(centreY + reach, height - 1 - window.bottom);
        const hash = keyedHash(targetKey, draw++);
        const hash2 = keyedHash(targetKey, draw++);
        if (left > right || top > bottom) continue;
        const sourceX = left + boundedHash(hash, right - left + 1);
        const sourceY = top + boundedHash(hash2, bottom - top + 1);
        const candidate = (sourceY << 16) | sourceX;
        if (candidate === best || !isSource(level, window, sourceX, sourceY)) continue;
        const source = sourceY * width + sourceX;
        const candidateOffset =
          prior === undefined ? 0 : offsetCost(level, prior, { x, y, sourceX, sourceY });
        if (candidateOffset >= cost) continue;
        const candidateCost =
          patchCost(pixels, width, target, source, window, cost - candidateOffset) + candidateOffset;
        if (candidateCost < cost) {
          cost = candidateCost;
          offset = candidateOffset;
          best = candidate;
        }
      }

      if (best !== first) {
        after[i] = best;
        changed++;
      }
      if (best !== NO_SOURCE) costs[i] = wholePatchCost(cost - offset, windowCount(window), level);
    }
  }
  return changed;
}
