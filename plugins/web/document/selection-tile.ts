import { type Bounds, intersect, type Size } from '../../shared/picture/geometry.ts';

/** Side of a selection's tiles in pixels: small enough that a brush stamp copies little, large enough to be few. */
export const TILE_SIDE = 256;

/** TILE_SIDE x TILE_SIDE values 0..255, rows from the top; 0 outside the canvas. Never written once it is in a selection. */
export type TileBytes = Uint8Array<ArrayBuffer>;

/** The one tile that is 255 throughout, shared by all selections. */
export const FULL_TILE: TileBytes = new Uint8Array(TILE_SIDE * TILE_SIDE).fill(255);

/** What an absent tile stands for. */
const ZERO_TILE: TileBytes = newTile();

export function newTile(): TileBytes {
  return new Uint8Array(TILE_SIDE * TILE_SIDE);
}

export function isZero(bytes: TileBytes): boolean {
  const words = wordsOf(bytes);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}

export function isFull(bytes: TileBytes): boolean {
  const words = wordsOf(bytes);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0xffffffff) return false;
  return true;
}

/** 255 - value throughout. */
export function complement(bytes: TileBytes): TileBytes {
  const result = bytes.slice();
  const words = wordsOf(result);
  for (let i = 0; i < words.length; i++) words[i] = ~words[i]!;
  return result;
}

function wordsOf(bytes: TileBytes): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** A tile by its key, and what of it is asked for, in canvas coordinates. */
export interface TilePlace {
  readonly key: number;
  readonly part: Bounds;
  readonly tile: Bounds;
}

/** A part of one tile that is being changed, in canvas coordinates. */
export interface TilePart extends Bounds {
  /** Writable; TILE_SIDE values a row, the first being pixel (left, top) of the canvas. */
  readonly tile: { readonly left: number; readonly top: number; readonly bytes: TileBytes };
}

/** A change of tiles, one at a time. */
export interface TileEdit {
  /** The tiles that share pixels with `area`, each to be filled whole or opened. */
  places(area: Bounds): Iterable<TilePlace>;
  /** One value for all of a tile, all of which must be in the canvas. */
  fill(place: TilePlace, value: 0 | 255): void;
  /** A tile's part, ready to be written in. */
  open(place: TilePlace): TilePart;
}

/** True when no pixel of the tile is beside the part, nor beyond the canvas. */
export function isWhole({ part }: TilePlace): boolean {
  return part.width === TILE_SIDE && part.height === TILE_SIDE;
}

/** How a canvas is cut into tiles. A tile's key is its place in rows from the top left. */
export class TileGrid {
  readonly size: Size;
  readonly columns: number;
  readonly rows: number;

  constructor(size: Size) {
    this.size = size;
    this.columns = Math.ceil(size.width / TILE_SIDE);
    this.rows = Math.ceil(size.height / TILE_SIDE);
  }

  get count(): number {
    return this.columns * this.rows;
  }

  keyAt(column: number, row: number): number {
    return row * this.columns + column;
  }

  /** The tile's pixels in the canvas; a tile at the right or lower edge is cut. */
  boundsOf(key: number): Bounds {
    const left = (key % this.columns) * TILE_SIDE;
    const top = Math.floor(key / this.columns) * TILE_SIDE;
    return {
      left,
      top,
      width: Math.min(TILE_SIDE, this.size.width - left),
      height: Math.min(TILE_SIDE, this.size.height - top),
    };
  }

  /** Each tile that shares pixels with `area`. */
  *meeting(area: Bounds): Generator<TilePlace> {
    const inside = intersect(area, { left: 0, top: 0, ...this.size });
    if (inside.width === 0) return;
    const lastColumn = Math.floor((inside.left + inside.width - 1) / TILE_SIDE);
    const lastRow = Math.floor((inside.top + inside.height - 1) / TILE_SIDE);
    for (let row = Math.floor(inside.top / TILE_SIDE); row <= lastRow; row++) {
      for (let column = Math.floor(inside.left / TILE_SIDE); column <= lastColumn; column++) {
        const key = this.keyAt(column, row);
        const tile = this.boundsOf(key);
        yield { key, part: intersect(inside, tile), tile };
      }
    }
  }
}

const knownBounds = new WeakMap<TileBytes, Bounds>();

/** The tightest bounds of the non-zero values inside the tile; remembered, because a tile of a selection never changes. */
export function tileBounds(bytes: TileBytes): Bounds {
  const known = knownBounds.get(bytes);
  if (known) return known;
  let [left, top, right, bottom] = [TILE_SIDE, -1, -1, -1];
  for (let y = 0; y < TILE_SIDE; y++) {
    const row = bytes.subarray(y * TILE_SIDE, (y + 1) * TILE_SIDE);
    let first = 0;
    while (first < TILE_SIDE && row[first] === 0) first++;
    if (first === TILE_SIDE) continue;
    let last = TILE_SIDE - 1;
    while (row[last] === 0) last--;
    if (top === -1) top = y;
    bottom = y;
    left = Math.min(left, first);
    right = Math.max(right, last);
  }
  const bounds =
    top === -1
      ? { left: 0, top: 0, width: 0, height: 0 }
      : { left, top, width: right - left + 1, height: bottom - top + 1 };
  knownBounds.set(bytes, bounds);
  return bounds;
}

/** Bounds inside the tile outside of which two tiles are the same; up to 3 pixels too wide. Empty for equal tiles. */
export function differenceBounds(a: TileBytes = ZERO_TILE, b: TileBytes = ZERO_TILE): Bounds {
  // Most of what a large shape or an inversion changes.
  if ((a === FULL_TILE && b === ZERO_TILE) || (a === ZERO_TILE && b === FULL_TILE)) {
    return { left: 0, top: 0, width: TILE_SIDE, height: TILE_SIDE };
  }
  const [wordsOfA, wordsOfB] = [wordsOf(a), wordsOf(b)];
  const perRow = TILE_SIDE / 4;
  let [left, top, right, bottom] = [perRow, TILE_SIDE, 0, 0];
  for (let i = 0; i < wordsOfA.length; i++) {
    if (wordsOfA[i] === wordsOfB[i]) continue;
    const [row, column] = [(i / perRow) | 0, i % perRow];
    if (bottom === 0) top = row;
    bottom = row + 1;
    if (column < left) left = column;
    if (column >= right) right = column + 1;
  }
  return bottom === 0
    ? { left: 0, top: 0, width: 0, height: 0 }
    : { left: left * 4, top, width: (right - left) * 4, height: bottom - top };
}

const knownReductions = new WeakMap<TileBytes, TileBytes[]>();

/**
 * The tile averaged over squares of 2^level pixels a side (level 0..8), rounded to nearest: TILE_SIDE / 2^level values a
 * row. Remembered, because a tile of a selection never changes.
 */
export function reducedTile(bytes: TileBytes, level: number): TileBytes {
  if (level === 0) return bytes;
  let known = knownReductions.get(bytes);
  if (!known) {
    known = [];
    knownReductions.set(bytes, known);
  }
  known[level] ??= averaged(bytes, level);
  return known[level];
}

function averaged(bytes: TileBytes, level: number): TileBytes {
  const step = 2 ** level;
  const side = TILE_SIDE / step;
  const half = (step * step) / 2;
  const means = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let sum = half;
      for (let row = 0; row < step; row++) {
        const start = (y * step + row) * TILE_SIDE + x * step;
        for (let i = start; i < start + step; i++) sum += bytes[i]!;
      }
      means[y * side + x] = sum >> (2 * level);
    }
  }
  return means;
}
