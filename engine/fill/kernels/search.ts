import { boundedHash, keyedHash } from '../../random/keyed-hash.ts';
import { type Band, type Field, type Level, NO_SOURCE, TARGET } from '../level.ts';
import type { OffsetPrior } from './offset-prior.ts';
import { SourceMatch } from './source-match.ts';

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
  const match = new SourceMatch(level, pixels, prior);
  let changed = 0;

  for (let y = firstY; y !== endY; y += step) {
    const aboveY = y - step;
    // The row scanned before this one: this pass's in the band, the previous pass's outside it.
    const hasAbove = aboveY >= topRow && aboveY < bottomRow;
    const above = aboveY >= band.top && aboveY < band.bottom ? after : before;
    for (let x = firstX; x !== endX; x += step) {
      if ((roles[y * width + x]! & TARGET) === 0) continue;
      const i = (y - topRow) * targets.width + (x - targets.left);
      const first = after[i]!;
      match.begin(x, y, first);

      if (x !== firstX) {
        const beside = after[i - step]!;
        if (beside !== NO_SOURCE) match.consider((beside & 0xffff) + step, beside >> 16);
      }
      if (hasAbove) {
        const over = above[i - step * targets.width]!;
        if (over !== NO_SOURCE) match.consider(over & 0xffff, (over >> 16) + step);
      }

      const { window } = match;
      const targetKey = keyedHash(key, (y << 16) | x);
      let draw = 0;
      for (let reach = searchRadius; reach >= 1; reach >>= 1, draw += 2) {
        const centreX = match.best === NO_SOURCE ? x : match.best & 0xffff;
        const centreY = match.best === NO_SOURCE ? y : match.best >> 16;
        const left = Math.max(centreX - reach, -window.left);
        const right = Math.min(centreX + reach, width - 1 - window.right);
        const top = Math.max(centreY - reach, -window.top);
        const bottom = Math.min(centreY + reach, height - 1 - window.bottom);
        if (left > right || top > bottom) continue;
        match.consider(
          left + boundedHash(keyedHash(targetKey, draw), right - left + 1),
          top + boundedHash(keyedHash(targetKey, draw + 1), bottom - top + 1),
        );
      }

      if (match.best !== first) {
        after[i] = match.best;
        changed++;
      }
      if (match.best !== NO_SOURCE) costs[i] = match.wholeCost();
    }
  }
  return changed;
}
