import { type Band, FEATURES, type Field, HOLE, type Level, NO_SOURCE } from '../level.ts';
import { cutWindow, type PatchWindow } from './patch-cost.ts';

/** A copied patch is made at most this much lighter or darker, in grey levels: more would be another thing. */
const MAX_CORRECTION = 12;

/**
 * How much redder, greener and bluer each source patch must be made to agree with what its target knows: the mean
 * difference over the target's known pixels (the bias of Darabi et al. 2012, from known pixels only). 0 where a target
 * knows none. Written packed to the back neighbour buffer, which no one reads until the next pass overwrites it.
 */
export function adaptColours(
  level: Level,
  field: Field,
  { band, front }: { readonly band: Band; readonly front: 0 | 1 },
): void {
  const { width, roles, targets } = level;
  const { pixels } = field;
  const neighbours = field.neighbours[front]!;
  const corrections = field.neighbours[1 - front]!;
  const window: PatchWindow = { top: 0, bottom: 0, left: 0, right: 0 };
  for (let y = band.top; y < band.bottom; y++) {
    for (let x = targets.left; x < targets.left + targets.width; x++) {
      const i = (y - targets.top) * targets.width + (x - targets.left);
      corrections[i] = 0;
      const neighbour = neighbours[i]!;
      if (neighbour === NO_SOURCE) continue;
      cutWindow(window, level, { x, y });
      const target = y * width + x;
      const source = (neighbour >> 16) * width + (neighbour & 0xffff);
      let count = 0;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let dy = window.top; dy <= window.bottom; dy++) {
        for (let dx = window.left; dx <= window.right; dx++) {
          const offset = dy * width + dx;
          if ((roles[target + offset]! & HOLE) !== 0) continue;
          const a = (target + offset) * FEATURES;
          const b = (source + offset) * FEATURES;
          count++;
          red += pixels[a]! - pixels[b]!;
          green += pixels[a + 1]! - pixels[b + 1]!;
          blue += pixels[a + 2]! - pixels[b + 2]!;
        }
      }
      if (count > 0) corrections[i] = pack(mean(red, count), mean(green, count), mean(blue, count));
    }
  }
}

function mean(sum: number, count: number): number {
  const rounded = Math.floor((2 * sum + count) / (2 * count));
  return Math.min(Math.max(rounded, -MAX_CORRECTION), MAX_CORRECTION);
}

/** Three signed bytes. */
function pack(red: number, green: number, blue: number): number {
  return (red & 0xff) | ((green & 0xff) << 8) | ((blue & 0xff) << 16);
}

export function redOf(correction: number): number {
  return (correction << 24) >> 24;
}

export function greenOf(correction: number): number {
  return (correction << 16) >> 24;
}

export function blueOf(correction: number): number {
  return (correction << 8) >> 24;
}
