// kernels/membrane-nodes.ts: multigrid on lists of nodes of 64 bytes, four values at once.

export const NODE: usize = 64;
export const FORCE: usize = 16;
export const RIGHT: usize = 32;
export const BELOW: usize = 36;
export const OWN: usize = 40;
const SHARE: usize = 44;
const LINK_ABOVE: usize = 48;
export const LINK_BELOW: usize = 52;
const PARENT: usize = 56;
const PLACE: usize = 60;

export const NO_COPY: i32 = -1;

// @ts-ignore: decorator
@inline
export function nodeAt(nodes: usize, node: i32): usize {
  return nodes + ((<usize>node) << 6);
}

// @ts-ignore: decorator
@inline
function above(nodes: usize, i: usize): usize {
  return nodeAt(nodes, load<i32>(i + LINK_ABOVE));
}

// @ts-ignore: decorator
@inline
function below(nodes: usize, i: usize): usize {
  return nodeAt(nodes, load<i32>(i + LINK_BELOW));
}

/** Four times a tie, times values that may be a difference. */
// @ts-ignore: decorator
@inline
function tied(tie: usize, values: v128): v128 {
  return f32x4.mul(v128.load32_splat(tie), values);
}

function clear(i: usize): void {
  memory.fill(i, 0, NODE);
}

export function gatherNodes(map: usize, columns: i32, rows: i32, ids: usize, nodes: usize): i32 {
  memory.fill(ids, 0, (<usize>columns) << 2);
  clear(nodes);
  let count = 0;
  let i = nodes;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, map += 4) {
      const id = ids + ((<usize>x) << 2);
      if (load<i32>(map) == NO_COPY) {
        store<i32>(id, 0);
        continue;
      }
      count++;
      i += NODE;
      clear(i);
      const upper = load<i32>(id);
      store<i32>(i + LINK_ABOVE, upper);
      if (upper != 0) store<i32>(nodeAt(nodes, upper) + LINK_BELOW, count);
      store<i32>(i + PLACE, (y << 16) | x);
      store<i32>(id, count);
    }
  }
  clear(i + NODE);
  return count;
}

// @ts-ignore: decorator
@inline
function add(to: usize, value: f32): void {
  store<f32>(to, load<f32>(to) + value);
}

// @ts-ignore: decorator
@inline
function join(node: usize, made: i32, i: usize): void {
  store<i32>(node + PARENT, made);
  add(i + OWN, load<f32>(node + OWN));
  const place = load<i32>(node + PLACE);
  if ((place & 1) != 0) add(i + RIGHT, load<f32>(node + RIGHT));
  if (((place >> 16) & 1) != 0) add(i + BELOW, load<f32>(node + BELOW));
}

// @ts-ignore: decorator
@inline
function placeOf(i: usize): i32 {
  return load<i32>(i + PLACE);
}

// @ts-ignore: decorator
@inline
function coarseX(i: usize, end: usize): i32 {
  return i < end ? (placeOf(i) & 0xffff) >> 1 : 0x10000;
}

export function coarsenNodes(fine: usize, count: i32, ids: usize, coarse: usize): i32 {
  clear(coarse);
  const last = nodeAt(fine, count);
  let made = 0;
  let i = coarse;
  let start = fine + NODE;
  while (start <= last) {
    const y = placeOf(start) >> 17;
    let middle = start;
    while (middle <= last && placeOf(middle) >> 16 == 2 * y) middle += NODE;
    let end = middle;
    while (end <= last && placeOf(end) >> 17 == y) end += NODE;
    let upper = start;
    let lower = middle;
    while (upper < middle || lower < end) {
      const x = min(coarseX(upper, middle), coarseX(lower, end));
      made++;
      i += NODE;
      clear(i);
      store<i32>(i + PLACE, (y << 16) | x);
      const id = ids + ((<usize>x) << 2);
      const over = load<i32>(id);
      if (over > 0 && over < made) {
        const above = nodeAt(coarse, over);
        if (placeOf(above) == (((y - 1) << 16) | x)) {
          store<i32>(i + LINK_ABOVE, over);
          store<i32>(above + LINK_BELOW, made);
        }
      }
      store<i32>(id, made);
      for (; coarseX(upper, middle) == x; upper += NODE) join(upper, made, i);
      for (; coarseX(lower, end) == x; lower += NODE) join(lower, made, i);
    }
    start = end;
  }
  clear(i + NODE);
  return made;
}

export function shareNodes(nodes: usize, count: i32): void {
  const last = nodeAt(nodes, count);
  for (let i = nodes + NODE; i <= last; i += NODE) {
    let sum = load<f32>(i + OWN) + load<f32>(i + RIGHT);
    sum += load<f32>(i + BELOW);
    sum += load<f32>(i - NODE + RIGHT);
    sum += load<f32>(above(nodes, i) + BELOW);
    store<f32>(i + SHARE, sum > 0 ? 1 / sum : 0);
  }
}

// @ts-ignore: decorator
@inline
function relax(nodes: usize, i: usize): void {
  const up = above(nodes, i);
  let sum = f32x4.add(v128.load(i + FORCE), tied(up + BELOW, v128.load(up)));
  sum = f32x4.add(sum, tied(i + BELOW, v128.load(below(nodes, i))));
  const right = tied(i + RIGHT, v128.load(i + NODE));
  const left = tied(i - NODE + RIGHT, v128.load(i - NODE));
  sum = f32x4.add(f32x4.add(sum, right), left);
  v128.store(i, tied(i + SHARE, sum));
}

export function relaxForward(nodes: usize, from: i32, to: i32): void {
  const end = nodeAt(nodes, to);
  for (let i = nodeAt(nodes, from); i < end; i += NODE) relax(nodes, i);
}

export function relaxBackward(nodes: usize, from: i32, to: i32): void {
  const end = nodeAt(nodes, from);
  for (let i = nodeAt(nodes, to) - NODE; i >= end; i -= NODE) relax(nodes, i);
}

export function clearNodes(nodes: usize, count: i32): void {
  const last = nodeAt(nodes, count);
  for (let i = nodes + NODE; i <= last; i += NODE) {
    v128.store(i, i32x4.splat(0));
    v128.store(i + FORCE, i32x4.splat(0));
  }
}

// @ts-ignore: decorator
@inline
function tug(tie: usize, value: v128, other: usize): v128 {
  return tied(tie, f32x4.sub(value, v128.load(other)));
}

export function restrictNodes(fine: usize, from: i32, to: i32, coarse: usize): void {
  const end = nodeAt(fine, to);
  for (let i = nodeAt(fine, from); i < end; i += NODE) {
    const value = v128.load(i);
    const up = above(fine, i);
    let rest = f32x4.sub(v128.load(i + FORCE), tied(i + OWN, value));
    rest = f32x4.sub(rest, tug(i - NODE + RIGHT, value, i - NODE));
    rest = f32x4.sub(rest, tug(i + RIGHT, value, i + NODE));
    rest = f32x4.sub(rest, tug(up + BELOW, value, up));
    rest = f32x4.sub(rest, tug(i + BELOW, value, below(fine, i)));
    const force = nodeAt(coarse, load<i32>(i + PARENT)) + FORCE;
    v128.store(force, f32x4.add(v128.load(force), rest));
  }
}

export function measureStep(coarse: usize, count: i32): void {
  const last = nodeAt(coarse, count);
  let along = f32x4.splat(0);
  let stiffness = f32x4.splat(0);
  for (let i = coarse + NODE; i <= last; i += NODE) {
    const value = v128.load(i);
    const toRight = f32x4.sub(value, v128.load(i + NODE));
    const toBelow = f32x4.sub(value, v128.load(below(coarse, i)));
    along = f32x4.add(along, f32x4.mul(value, v128.load(i + FORCE)));
    let energy = tied(i + OWN, f32x4.mul(value, value));
    energy = f32x4.add(energy, tied(i + RIGHT, f32x4.mul(toRight, toRight)));
    energy = f32x4.add(energy, tied(i + BELOW, f32x4.mul(toBelow, toBelow)));
    stiffness = f32x4.add(stiffness, energy);
  }
  const isStiff = f32x4.gt(stiffness, f32x4.splat(0));
  v128.store(coarse + FORCE, v128.and(f32x4.div(along, stiffness), isStiff));
}

export function prolongNodes(fine: usize, from: i32, to: i32, coarse: usize): void {
  const end = nodeAt(fine, to);
  const step = v128.load(coarse + FORCE);
  for (let i = nodeAt(fine, from); i < end; i += NODE) {
    const change = f32x4.mul(step, v128.load(nodeAt(coarse, load<i32>(i + PARENT))));
    v128.store(i, f32x4.add(v128.load(i), change));
  }
}
