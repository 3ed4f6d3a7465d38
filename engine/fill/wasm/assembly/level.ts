// The level, field and canvas that the kernels work on, set before each job by fill-core.ts: byte offsets into the
// fill's memory, as in engine/fill/level.ts. An instance belongs to one thread, so globals do.

export const HOLE: u32 = 1;
export const TARGET: u32 = 2;
export const SOURCE: u32 = 4;
export const NO_SOURCE: i32 = -1;
export const NO_COST: u32 = 0xffffffff;
/** Bytes of a feature pixel, as a shift. */
export const FEATURE_SHIFT: u32 = 2;

export let width: i32 = 0;
export let height: i32 = 0;
export let radius: i32 = 0;
export let boxLeft: i32 = 0;
export let boxTop: i32 = 0;
export let boxWidth: i32 = 0;
export let boxHeight: i32 = 0;
export let roles: usize = 0;
export let distance: usize = 0;
export let low: usize = 0;

export let pixels: usize = 0;
/** The current neighbours, and those being written. */
export let front: usize = 0;
export let back: usize = 0;
export let costs: usize = 0;

/** This thread's own bytes. */
export let scratch: usize = 0;
/** `Uint16`: the weights by similarity, and those by distance to the border (kernels/vote.ts). */
export let similarityWeights: usize = 0;
export let borderWeights: usize = 0;

export function setThread(scratchAt: usize, similarityAt: usize, borderAt: usize): void {
  scratch = scratchAt;
  similarityWeights = similarityAt;
  borderWeights = borderAt;
}

export function setLevel(
  levelWidth: i32,
  levelHeight: i32,
  patchRadius: i32,
  rolesAt: usize,
  distanceAt: usize,
  lowAt: usize,
): void {
  width = levelWidth;
  height = levelHeight;
  radius = patchRadius;
  roles = rolesAt;
  distance = distanceAt;
  low = lowAt;
}

export function setTargets(left: i32, top: i32, columns: i32, rows: i32): void {
  boxLeft = left;
  boxTop = top;
  boxWidth = columns;
  boxHeight = rows;
}

export function setField(pixelsAt: usize, frontAt: usize, backAt: usize, costsAt: usize): void {
  pixels = pixelsAt;
  front = frontAt;
  back = backAt;
  costs = costsAt;
}
