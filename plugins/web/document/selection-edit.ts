import type { Bounds } from './geometry.ts';
import { Selection } from './selection.ts';
import {
  FULL_TILE,
  isFull,
  isZero,
  newTile,
  type TileBytes,
  type TileGrid,
  type TilePlace,
} from './selection-tile.ts';

/** A part of one tile that is being changed, in canvas coordinates. */
export interface TilePart extends Bounds {
  /** Writable; TILE_SIDE values a row, the first being pixel (left, top) of the canvas. */
  readonly tile: { readonly left: number; readonly top: number; readonly bytes: TileBytes };
}

/** One change of a selection: hands out copies of the tiles it touches, and ends in a new selection. */
export class SelectionEdit {
  readonly #before: Selection;
  readonly #grid: TileGrid;
  readonly #tiles: Map<number, TileBytes>;
  readonly #copied = new Set<number>();
  #isFilled = false;

  /** Use `Selection.edit`. */
  constructor(
    before: Selection,
    { grid, tiles }: { readonly grid: TileGrid; readonly tiles: ReadonlyMap<number, TileBytes> },
  ) {
    this.#before = before;
    this.#grid = grid;
    this.#tiles = new Map(tiles);
  }

  /** The tiles that share pixels with `area`, each to be filled whole or opened. */
  places(area: Bounds): Iterable<TilePlace> {
    return this.#grid.meeting(area);
  }

  /** One value for all of a tile, all of which must be in the canvas. */
  fill({ key }: TilePlace, value: 0 | 255): void {
    const bytes = value === 0 ? undefined : FULL_TILE;
    if (this.#tiles.get(key) === bytes) return;
    if (bytes === undefined) this.#tiles.delete(key);
    else this.#tiles.set(key, bytes);
    this.#copied.delete(key);
    this.#isFilled = true;
  }

  /** A tile's part, ready to be written in. */
  open({ key, part, tile }: TilePlace): TilePart {
    let bytes = this.#tiles.get(key);
    if (!this.#copied.has(key) || !bytes) {
      bytes = bytes ? bytes.slice() : newTile();
      this.#tiles.set(key, bytes);
      this.#copied.add(key);
    }
    return { ...part, tile: { left: tile.left, top: tile.top, bytes } };
  }

  /** All that shares pixels with `area`, cut to the canvas, ready to be written in. */
  *parts(area: Bounds): Generator<TilePart> {
    for (const place of this.places(area)) yield this.open(place);
  }

  /** The selection with all changes. The tiles handed out must not be written any more. */
  finish(): Selection {
    if (this.#copied.size === 0 && !this.#isFilled) return this.#before;
    for (const key of this.#copied) {
      const bytes = this.#tiles.get(key)!;
      if (isZero(bytes)) this.#tiles.delete(key);
      else if (isFull(bytes)) this.#tiles.set(key, FULL_TILE);
    }
    return new Selection(this.#grid, this.#tiles);
  }
}
