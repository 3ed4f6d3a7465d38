// kernels/peel.ts: the onion-peel start, a layer at a time.

import {
  back, boxHeight, boxLeft, boxTop, boxWidth, costs, distance, front, height, HOLE, NO_SOURCE, pixels, roles, scratch,
  SOURCE, TARGET, width,
} from './level';
import {
  cutWindow, isSource, seenCost, wholePatchCost, windowBottom, windowLeft, windowRight, windowTop,
} from './patch';
import { boundedHash, deriveKey3, keyedHash } from './random';
import { gatherVotes, means, weightedMeans } from './votes';

const RANDOM_PROBES: u32 = 60;
const REFINE_RADIUS: i32 = 8;
const NO_MATCH: u32 = 0xffffffff;

/** In the scratch, after the votes: for each layer the end of its targets in the list, a Uint32 each. */
const LAYER_ENDS: usize = 4096;

/** An Int32 a pixel, 0 or -1. */
let seen: usize = 0;
let sources: usize = 0;
let sourceCount: i32 = 0;
/** Pixel indices by layer, in the scan's order. Where the back neighbours are, which a start does not use. */
let list: usize = 0;

/**
 * Sorts the targets by their distance to the border. `work` is 8 bytes a pixel.
 *
 * @returns How many layers there are.
 */
export function peelBegin(work: usize): i32 {
  const count = width * height;
  seen = work;
  sources = work + (<usize>count << 2);
  sourceCount = 0;
  list = back;
  const ends = scratch + LAYER_ENDS;
  let layers = 0;
  for (let i = 0; i < count; i++) {
    if ((load<u8>(roles + i) & TARGET) != 0) layers = max(layers, 1 + <i32>load<u16>(distance + (<usize>i << 1)));
  }
  memory.fill(ends, 0, <usize>(layers + 1) << 2);
  for (let i = 0; i < count; i++) {
    const role = load<u8>(roles + i);
    store<i32>(seen + (<usize>i << 2), (role & HOLE) == 0 ? -1 : 0);
    if ((role & SOURCE) != 0) {
      store<i32>(sources + (<usize>sourceCount << 2), i);
      sourceCount++;
    }
    if ((role & TARGET) != 0) {
      const end = ends + ((<usize>load<u16>(distance + (<usize>i << 1)) + 1) << 2);
      store<u32>(end, load<u32>(end) + 1);
    }
  }
  // Ends of the layers before: where each begins, and after the second scan its own end.
  for (let layer = 1; layer <= layers; layer++) {
    const end = ends + (<usize>layer << 2);
    store<u32>(end, load<u32>(end) + load<u32>(end - 4));
  }
  for (let i = 0; i < count; i++) {
    if ((load<u8>(roles + i) & TARGET) == 0) continue;
    const end = ends + (<usize>load<u16>(distance + (<usize>i << 1)) << 2);
    store<i32>(list + (<usize>load<u32>(end) << 2), i);
    store<u32>(end, load<u32>(end) + 1);
  }
  memory.fill(front, 0xff, <usize>(boxWidth * boxHeight) << 2);
  memory.fill(costs, 0xff, <usize>(boxWidth * boxHeight) << 2);
  return layers;
}

function layerStart(layer: i32): i32 {
  return layer == 0 ? 0 : load<u32>(scratch + LAYER_ENDS + (<usize>(layer - 1) << 2));
}

export function peelLayerSize(layer: i32): i32 {
  return load<u32>(scratch + LAYER_ENDS + (<usize>layer << 2)) - layerStart(layer);
}

/** The target in hand, and what it has so far. */
let target: usize = 0;
let best: i32 = NO_SOURCE;
let cost: u32 = 0;

function consider(x: i32, y: i32): void {
  if (!isSource(x, y)) return;
  const candidate = seenCost(target, pixels + (<usize>(y * width + x) << 2), seen - pixels, cost);
  if (candidate < cost) {
    cost = candidate;
    best = (y << 16) | x;
  }
}

/** Matches targets `from` to `to` of a layer, counted in the pass's direction: every other pass scans backwards. */
export function peelMatch(layer: i32, pass: i32, from: i32, to: i32, key: u32): void {
  const start = layerStart(layer);
  const size = peelLayerSize(layer);
  for (let n = from; n < to; n++) {
    const place: usize = start + ((pass & 1) == 0 ? n : size - 1 - n);
    const i = load<i32>(list + (place << 2));
    matchTarget(i % width, i / width, pass, key);
  }
}

function matchTarget(x: i32, y: i32, pass: i32, key: u32): void {
  const at = <usize>((y - boxTop) * boxWidth + (x - boxLeft)) << 2;
  target = pixels + (<usize>(y * width + x) << 2);
  cutWindow(x, y);
  best = load<i32>(front + at);
  cost = NO_MATCH;
  if (best != NO_SOURCE) consider(best & 0xffff, best >> 16);
  for (let dy = -1; dy <= 1; dy++) {
    if (y + dy < boxTop || y + dy >= boxTop + boxHeight) continue;
    for (let dx = -1; dx <= 1; dx++) {
      if (x + dx < boxLeft || x + dx >= boxLeft + boxWidth) continue;
      const neighbour = load<i32>(front + at + ((dy * boxWidth + dx) << 2));
      if (neighbour != NO_SOURCE) consider((neighbour & 0xffff) - dx, (neighbour >> 16) - dy);
    }
  }
  const targetKey = deriveKey3(key, pass, y, x);
  let draw: u32 = 0;
  if (pass == 0 && sourceCount > 0) {
    for (; draw < RANDOM_PROBES; draw++) {
      const source = load<i32>(sources + (<usize>boundedHash(keyedHash(targetKey, draw), sourceCount) << 2));
      consider(source % width, source / width);
    }
  }
  for (let reach = REFINE_RADIUS; reach >= 1; reach >>= 1) {
    const dx = boundedHash(keyedHash(targetKey, draw++), 2 * reach + 1) - reach;
    const dy = boundedHash(keyedHash(targetKey, draw++), 2 * reach + 1) - reach;
    consider((best & 0xffff) + dx, (best >> 16) + dy);
  }
  const count = seenInWindow();
  store<i32>(front + at, best);
  store<u32>(costs + at, count == 0 || cost == NO_MATCH ? 0 : wholePatchCost(cost, count));
}

function seenInWindow(): i32 {
  let count = 0;
  for (let dy = windowTop; dy <= windowBottom; dy++) {
    for (let dx = windowLeft; dx <= windowRight; dx++) {
      count -= load<i32>(target + (seen - pixels) + ((dy * width + dx) << 2));
    }
  }
  return count;
}

/** Votes on a layer's pixels, from then on seen. Returns the sum of its costs. */
export function peelVote(layer: i32): f64 {
  const start = layerStart(layer);
  const end = start + peelLayerSize(layer);
  let energy: u64 = 0;
  for (let n: usize = start; n < <usize>end; n++) {
    const i = load<i32>(list + (n << 2));
    const x = i % width;
    const y = i / width;
    energy += load<u32>(costs + (<usize>((y - boxTop) * boxWidth + (x - boxLeft)) << 2));
    if (layer == 0) continue;
    let value = i32x4.splat(0);
    if (gatherVotes(x, y) > 0) {
      weightedMeans(pixels, 1);
      value = means;
    }
    const words = i16x8.narrow_i32x4_s(value, value);
    v128.store32_lane(pixels + (<usize>i << 2), i8x16.narrow_i16x8_u(words, words), 0);
  }
  for (let n: usize = start; n < <usize>end; n++) {
    store<i32>(seen + (<usize>load<i32>(list + (n << 2)) << 2), -1);
  }
  return <f64>energy;
}
