// kernels/search.ts: one PatchMatch pass over a band.

import {
  back, boxHeight, boxLeft, boxTop, boxWidth, costs, front, height, NO_SOURCE, pixels, roles, TARGET, width,
} from './level';
import {
  cutWindow, isSource, patchCost, wholePatchCost, windowBottom, windowCount, windowLeft, windowRight, windowTop,
} from './patch';
import { boundedHash, keyedHash } from './random';

/** The target that candidates are tried on, and what it has so far. */
let target: usize = 0;
let best: i32 = NO_SOURCE;
let cost: u32 = 0;

/** Takes (x, y) as the target's source if it may be one and fits better. A prior would be added to the cost here. */
// @ts-ignore: decorator
@inline
function consider(x: i32, y: i32): void {
  const candidate = (y << 16) | x;
  if (candidate == best || !isSource(x, y)) return;
  const candidateCost = patchCost(target, pixels + (<usize>(y * width + x) << 2), cost);
  if (candidateCost < cost) {
    cost = candidateCost;
    best = candidate;
  }
}

/** @returns How many targets have another neighbour than before. */
export function searchPass(top: i32, bottom: i32, key: u32, forward: bool, searchRadius: i32): i32 {
  const rowBytes: usize = boxWidth << 2;
  memory.copy(
    back + <usize>(top - boxTop) * rowBytes,
    front + <usize>(top - boxTop) * rowBytes,
    <usize>(bottom - top) * rowBytes,
  );
  const step = forward ? 1 : -1;
  const firstX = forward ? boxLeft : boxLeft + boxWidth - 1;
  const endX = forward ? boxLeft + boxWidth : boxLeft - 1;
  const firstY = forward ? top : bottom - 1;
  const endY = forward ? bottom : top - 1;
  let changed = 0;
  for (let y = firstY; y != endY; y += step) {
    const aboveY = y - step;
    const hasAbove = aboveY >= boxTop && aboveY < boxTop + boxHeight;
    // The row scanned before this one: this pass's in the band, the previous pass's outside it.
    const above = (aboveY >= top && aboveY < bottom ? back : front) + <usize>(aboveY - boxTop) * rowBytes;
    for (let x = firstX; x != endX; x += step) {
      if ((load<u8>(roles + <usize>(y * width + x)) & TARGET) == 0) continue;
      const column: usize = (x - boxLeft) << 2;
      const at = <usize>(y - boxTop) * rowBytes + column;
      cutWindow(x, y);
      target = pixels + (<usize>(y * width + x) << 2);
      const before = load<i32>(back + at);
      best = before;
      cost = 0xffffffff;
      if (best != NO_SOURCE) {
        cost = patchCost(target, pixels + (<usize>((best >> 16) * width + (best & 0xffff)) << 2), 0x7fffffff);
      }

      if (x != firstX) {
        const beside = load<i32>(back + at - (step << 2));
        if (beside != NO_SOURCE) consider((beside & 0xffff) + step, beside >> 16);
      }
      if (hasAbove) {
        const over = load<i32>(above + column);
        if (over != NO_SOURCE) consider(over & 0xffff, (over >> 16) + step);
      }

      const targetKey = keyedHash(key, <u32>((y << 16) | x));
      let draw: u32 = 0;
      for (let reach = searchRadius; reach >= 1; reach >>= 1, draw += 2) {
        const centreX = best == NO_SOURCE ? x : best & 0xffff;
        const centreY = best == NO_SOURCE ? y : best >> 16;
        const left = max(centreX - reach, -windowLeft);
        const right = min(centreX + reach, width - 1 - windowRight);
        const upper = max(centreY - reach, -windowTop);
        const lower = min(centreY + reach, height - 1 - windowBottom);
        if (left > right || upper > lower) continue;
        consider(
          left + boundedHash(keyedHash(targetKey, draw), right - left + 1),
          upper + boundedHash(keyedHash(targetKey, draw + 1), lower - upper + 1),
        );
      }

      if (best != before) {
        store<i32>(back + at, best);
        changed++;
      }
      if (best != NO_SOURCE) store<u32>(costs + at, wholePatchCost(cost, windowCount()));
    }
  }
  return changed;
}
