import { EngineError } from '../errors.ts';
import type { Bounds, Size } from './bounds.ts';

/** All lengths in pixels of the network's input. */
export interface TilingOptions {
  /** Side of a tile; a multiple of `multiple`. */
  readonly tileSize: number;
  /**
   * How far neighbouring tiles lie over each other; a multiple of `multiple`, and at most half a tile, so that three
   * never meet in a line.
   */
  readonly overlap: number;
  /**
   * Pixels at a tile's inner edges that are thrown away, because the network did not see enough of what lies beyond
   * (its receptive field); at most half the overlap. The rest of the overlap is where one tile fades into the next.
   */
  readonly trim: number;
  /**
   * The network's input sides must be multiples of this, and tiles begin at multiples: a network that folds blocks of
   * pixels into channels must find the same blocks in every tile.
   */
  readonly multiple: number;
}

/** Half-open range of pixels along one axis. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One tile's part of one axis. Between `fadeIn.end` and `fadeOut.start` it stands alone. */
export interface TileSpan {
  /** What the network is given. */
  readonly input: Range;
  /** Where this tile takes over from the one before; empty for the first. */
  readonly fadeIn: Range;
  /** Where the one after takes over from this tile; empty for the last. */
  readonly fadeOut: Range;
}

export interface Tile {
  /** What to cut from the picture; always inside it. */
  readonly bounds: Bounds;
  readonly row: number;
  readonly column: number;
}

export interface TilePlan {
  readonly picture: Size;
  /**
   * The network's input for every tile: `tileSize`, or where the picture is smaller its side rounded up to `multiple`;
   * a tile that does not fill it (the last, by less than `multiple`) is continued by repeating its last row and column.
   */
  readonly input: Size;
  readonly columns: readonly TileSpan[];
  readonly rows: readonly TileSpan[];
  /** Row by row from the top, each from the left. */
  readonly tiles: readonly Tile[];
}

/**
 * Cuts a picture into the fewest overlapping tiles of one size. Tiles follow each other at `tileSize - overlap`; the
 * last is shifted back inside rather than cut, so that it has as much context as the others.
 *
 * @throws EngineError 'invalid-option' when the options contradict each other.
 */
export function planTiles(picture: Size, options: TilingOptions): TilePlan {
  const { tileSize, overlap, trim, multiple } = options;
  if (tileSize % multiple !== 0 || overlap % multiple !== 0 || 2 * overlap > tileSize || 2 * trim > overlap) {
    throw new EngineError(
      'invalid-option',
      `Expected a tile size and an overlap that are multiples of ${multiple}, the one at least twice the other, and an overlap of at least twice the trim, received tile ${tileSize}, overlap ${overlap}, trim ${trim}`,
    );
  }
  const columns = planAxis(picture.width, options);
  const rows = planAxis(picture.height, options);
  const tiles = rows.flatMap((rowSpan, row) =>
    columns.map((columnSpan, column) => ({
      bounds: {
        left: columnSpan.input.start,
        top: rowSpan.input.start,
        width: columnSpan.input.end - columnSpan.input.start,
        height: rowSpan.input.end - rowSpan.input.start,
      },
      row,
      column,
    })),
  );
  const inputSide = (side: number) => Math.ceil(Math.min(side, tileSize) / multiple) * multiple;
  const input = { width: inputSide(picture.width), height: inputSide(picture.height) };
  return { picture, input, columns, rows, tiles };
}

/**
 * Share of the later tile at sample `index` of a fade `length` samples long; the earlier tile has the rest of 1.
 * The ramp is linear and symmetric, sampled at the samples' middles.
 */
export function fadeInWeight(index: number, length: number): number {
  return (2 * index + 1) / (2 * length);
}

function planAxis(length: number, options: TilingOptions): TileSpan[] {
  const { tileSize, overlap, trim, multiple } = options;
  const stride = tileSize - overlap;
  const tileLength = Math.min(tileSize, length);
  const count = length <= tileSize ? 1 : Math.ceil((length - overlap) / stride);
  const lastStart = Math.ceil((length - tileLength) / multiple) * multiple;
  const inputs = Array.from({ length: count }, (_, i) => {
    const start = Math.min(i * stride, lastStart);
    return { start, end: Math.min(start + tileLength, length) };
  });
  return inputs.map((input, i) => ({
    input,
    fadeIn: i === 0 ? { start: 0, end: 0 } : fadeAfter(inputs[i - 1]!),
    fadeOut: i === count - 1 ? { start: length, end: length } : fadeAfter(input),
  }));

  // Measured from the earlier tile's end also where the last tile was shifted back and overlaps more: fades so never
  // meet, and the last tile has all the more context.
  function fadeAfter(earlier: Range): Range {
    return { start: earlier.end - overlap + trim, end: earlier.end - trim };
  }
}
