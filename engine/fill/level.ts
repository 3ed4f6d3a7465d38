import type { Bounds } from '../image/bounds.ts';

/**
 * How a fill's memory is laid out: one SharedArrayBuffer, in which a level of the pyramid and its fields are byte
 * offsets. Layouts travel in messages; every thread makes its own views of the same bytes.
 */

/** Bits of `roles`. */
export const HOLE = 1;
/** Centre of a patch that touches the hole: what has a nearest neighbour. */
export const TARGET = 2;
/** Centre of a patch all of which, as far as it is inside the picture, is known: what may be copied. */
export const SOURCE = 4;

/** A nearest neighbour that is not there yet. Else `y << 16 | x` of the source patch's centre. */
export const NO_SOURCE = -1;

/** The cost of a target that has no neighbour yet. */
export const NO_COST = 0xffffffff;

/** Rows of a band. Fixed: what is computed must not depend on how many threads share the bands. */
export const BAND_ROWS = 32;

/** Bytes of a feature pixel: R, G, B, texture. */
export const FEATURES = 4;

/** One solution being refined: an estimate of the hole's pixels and the field of nearest neighbours it comes from. */
export interface FieldLayout {
  /** `width * height * FEATURES` bytes. */
  readonly pixels: number;
  /** Two Int32 a target-box pixel: a pass reads one and writes the other. */
  readonly neighbours: readonly [number, number];
  /** One Uint32 a target-box pixel: the squared difference, as of a patch with no pixel cut off. */
  readonly costs: number;
  /** Eight bytes a pixel for the start at the coarsest level; -1 at the others. */
  readonly work: number;
}

export interface LevelLayout {
  readonly width: number;
  readonly height: number;
  /** Patches are `2 * radius + 1` pixels wide and high. */
  readonly radius: number;
  /** Contains every target; what fields are indexed by. */
  readonly targets: Bounds;
  /** One byte a pixel: HOLE, TARGET, SOURCE. */
  readonly roles: number;
  /** One Uint16 a pixel: distance in pixels to the nearest known one; 0 where known. */
  readonly distance: number;
  /** 3x3 means of the known pixels, as `pixels`; -1 on the coarse levels, which need none. */
  readonly low: number;
  /** The first one's pixels are the level's own; the others' are copies. */
  readonly fields: readonly FieldLayout[];
}

export interface Field {
  readonly pixels: Uint8Array;
  readonly neighbours: readonly [Int32Array, Int32Array];
  readonly costs: Uint32Array;
}

export interface Level {
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  readonly targets: Bounds;
  readonly roles: Uint8Array;
  readonly distance: Uint16Array;
  readonly low: Uint8Array | null;
}

/** Which of a level's fields, and which of its two neighbour buffers is the current one. */
export interface FieldSelection {
  readonly level: LevelLayout;
  readonly field: FieldLayout;
  readonly front: 0 | 1;
}

export function viewLevel(buffer: SharedArrayBuffer, layout: LevelLayout): Level {
  const { width, height, radius, targets, low } = layout;
  const count = width * height;
  return {
    width,
    height,
    radius,
    targets,
    roles: new Uint8Array(buffer, layout.roles, count),
    distance: new Uint16Array(buffer, layout.distance, count),
    low: low === -1 ? null : new Uint8Array(buffer, low, count * FEATURES),
  };
}

export function viewField(buffer: SharedArrayBuffer, level: LevelLayout, field: FieldLayout): Field {
  const boxCount = level.targets.width * level.targets.height;
  return {
    pixels: new Uint8Array(buffer, field.pixels, level.width * level.height * FEATURES),
    neighbours: [
      new Int32Array(buffer, field.neighbours[0], boxCount),
      new Int32Array(buffer, field.neighbours[1], boxCount),
    ],
    costs: new Uint32Array(buffer, field.costs, boxCount),
  };
}

/** The rows of a band that starts at row `first` of an area of `rows` rows. */
export interface Band {
  readonly top: number;
  readonly bottom: number;
}

export function bandAt(index: number, area: { readonly top: number; readonly height: number }): Band {
  const top = area.top + index * BAND_ROWS;
  return { top, bottom: Math.min(top + BAND_ROWS, area.top + area.height) };
}

export function bandCount(rows: number): number {
  return Math.ceil(rows / BAND_ROWS);
}
