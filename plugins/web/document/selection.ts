import {
  type Bounds,
  boundsOf,
  grow,
  intersect,
  isEmpty,
  type Point,
  type Size,
  translate,
  union,
} from '../../shared/picture/geometry.ts';
import { blurPlane } from './blur.ts';
import { paintRows } from './paint-rows.ts';
import { type CoverageRow, polygonCoverage } from './polygon.ts';
import {
  complement,
  differenceBounds,
  FULL_TILE,
  isFull,
  isWhole,
  isZero,
  newTile,
  reducedTile,
  TILE_SIDE,
  type TileBytes,
  type TileEdit,
  TileGrid,
  type TilePart,
  type TilePlace,
  tileBounds,
} from './selection-tile.ts';

/** How a shape joins a selection. `add` takes the larger value, `subtract` the smaller of the old one and 255 - shape. */
export type SelectionMode = 'add' | 'subtract' | 'replace';

/** A tile with its place in the canvas. `bytes` are TILE_SIDE wide whatever the canvas' edge cuts off, and 0 out there. */
export interface SelectionTile {
  readonly left: number;
  readonly top: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A soft selection of a canvas: 0..255 a pixel, immutable. Tiles that are 0 throughout are absent, and a changed selection
 * shares all other tiles with the one it came from: a step of undo costs what the stroke touched, and a tile's identity
 * tells whether it must be drawn again.
 */
export class Selection {
  readonly size: Size;
  readonly #grid: TileGrid;
  readonly #tiles: ReadonlyMap<number, TileBytes>;

  /** Use `empty`, `fromMask` or `edit`. No tile may be 0 throughout, or above 0 outside the canvas. */
  constructor(grid: TileGrid, tiles: ReadonlyMap<number, TileBytes>) {
    this.size = grid.size;
    this.#grid = grid;
    this.#tiles = tiles;
  }

  static empty(size: Size): Selection {
    return new Selection(new TileGrid({ width: size.width, height: size.height }), new Map());
  }

  /** The mask `bytes` (0..255, rows of bounds.width) laid on an empty canvas; what hangs over its edge is cut off. */
  static fromMask(bytes: Uint8Array, bounds: Bounds, size: Size): Selection {
    const edit = Selection.empty(size).edit();
    for (const { left, top, width, height, tile } of edit.parts(bounds)) {
      for (let y = top; y < top + height; y++) {
        const from = (y - bounds.top) * bounds.width + left - bounds.left;
        tile.bytes.set(bytes.subarray(from, from + width), (y - tile.top) * TILE_SIDE + left - tile.left);
      }
    }
    return edit.finish();
  }

  /** The selection whose `tiles()` are these; it takes their bytes over. */
  static fromTiles(tiles: Iterable<SelectionTile>, size: Size): Selection {
    const grid = new TileGrid({ width: size.width, height: size.height });
    const keyed = new Map<number, TileBytes>();
    for (const { left, top, bytes } of tiles) {
      keyed.set(grid.keyAt(left / TILE_SIDE, top / TILE_SIDE), bytes);
    }
    return new Selection(grid, keyed);
  }

  /** The value at a pixel; 0 outside the canvas. */
  value(x: number, y: number): number {
    if (x < 0 || y < 0 || x >= this.size.width || y >= this.size.height) return 0;
    const tile = this.#tiles.get(this.#grid.keyAt(Math.floor(x / TILE_SIDE), Math.floor(y / TILE_SIDE)));
    return tile?.[(y % TILE_SIDE) * TILE_SIDE + (x % TILE_SIDE)] ?? 0;
  }

  get isEmpty(): boolean {
    return this.#tiles.size === 0;
  }

  /** The tightest bounds of all values above 0; null when there is none. */
  bounds(): Bounds | null {
    let bounds: Bounds = { left: 0, top: 0, width: 0, height: 0 };
    for (const { left, top, bytes } of this.tiles()) {
      const inTile = tileBounds(bytes);
      bounds = union(bounds, { ...inTile, left: left + inTile.left, top: top + inTile.top });
    }
    return isEmpty(bounds) ? null : bounds;
  }

  /** The tiles that are not 0 throughout, in rows from the top left. */
  *tiles(): Generator<SelectionTile> {
    for (const key of [...this.#tiles.keys()].sort((a, b) => a - b)) {
      const { left, top } = this.#grid.boundsOf(key);
      yield { left, top, bytes: this.#tiles.get(key)! };
    }
  }

  /** False when nothing inside `bounds` is selected; true may also mean that only something near is. */
  meets(bounds: Bounds): boolean {
    for (const { key } of this.#grid.meeting(bounds)) if (this.#tiles.has(key)) return true;
    return false;
  }

  /** True when all of the canvas inside `bounds` is selected fully; false may also mean that something near is not. */
  isFullIn(bounds: Bounds): boolean {
    for (const { key } of this.#grid.meeting(bounds)) if (this.#tiles.get(key) !== FULL_TILE) return false;
    return true;
  }

  /** The values inside `bounds`, which may hang over the canvas (0 there): bounds.width * bounds.height bytes. */
  crop(bounds: Bounds): Uint8Array<ArrayBuffer> {
    return this.cropReduced(bounds, 0);
  }

  /** As `crop`, each value being the mean of a square of 2^level pixels a side: `area` counts in these. */
  cropReduced(area: Bounds, level: number): Uint8Array<ArrayBuffer> {
    const mask = new Uint8Array(area.width * area.height);
    const step = 2 ** level;
    const side = TILE_SIDE / step;
    const bounds = {
      left: area.left * step,
      top: area.top * step,
      width: area.width * step,
      height: area.height * step,
    };
    for (const { key, part, tile } of this.#grid.meeting(bounds)) {
      const bytes = this.#tiles.get(key);
      if (!bytes) continue;
      const values = reducedTile(bytes, level);
      const width = Math.ceil(part.width / step);
      const [left, top] = [part.left / step, part.top / step];
      for (let y = top; y < top + part.height / step; y++) {
        const from = (y - tile.top / step) * side + left - tile.left / step;
        mask.set(values.subarray(from, from + width), (y - area.top) * area.width + left - area.left);
      }
    }
    return mask;
  }

  /** With the rectangle of integer pixels; what hangs over the canvas is cut off. */
  withRectangle(bounds: Bounds, mode: SelectionMode): Selection {
    const edit = (mode === 'replace' ? Selection.empty(this.size) : this).edit();
    const value = mode === 'subtract' ? 0 : 255;
    for (const place of edit.places(bounds)) {
      if (isWhole(place)) {
        edit.fill(place, value);
        continue;
      }
      const { left, top, width, height, tile } = edit.open(place);
      for (let y = top; y < top + height; y++) {
        const start = (y - tile.top) * TILE_SIDE + left - tile.left;
        tile.bytes.fill(value, start, start + width);
      }
    }
    return edit.finish();
  }

  /** With the inside of a closed polygon, even-odd, its edges anti-aliased. Points may lie outside the canvas. */
  withPolygon(points: readonly Point[], mode: SelectionMode): Selection {
    const edit = (mode === 'replace' ? Selection.empty(this.size) : this).edit();
    const value = mode === 'subtract' ? 0 : 255;
    let band: CoverageRow[] = [];
    for (const row of polygonCoverage(points, this.size)) {
      const isBelow = band[0] && Math.floor(row.top / TILE_SIDE) > Math.floor(band[0].top / TILE_SIDE);
      if (isBelow) {
        paintRows(edit, band, value);
        band = [];
      }
      band.push(row);
    }
    paintRows(edit, band, value);
    return edit.finish();
  }

  /** 255 - value everywhere. */
  inverted(): Selection {
    const tiles = new Map<number, TileBytes>();
    for (let key = 0; key < this.#grid.count; key++) {
      const { width, height } = this.#grid.boundsOf(key);
      const from = this.#tiles.get(key);
      if (from === FULL_TILE) continue;
      if (!from && width === TILE_SIDE && height === TILE_SIDE) {
        tiles.set(key, FULL_TILE);
        continue;
      }
      const bytes = from ? complement(from) : FULL_TILE.slice();
      // Outside the canvas nothing is ever selected.
      if (width < TILE_SIDE) {
        for (let y = 0; y < height; y++) bytes.fill(0, y * TILE_SIDE + width, (y + 1) * TILE_SIDE);
      }
      bytes.fill(0, height * TILE_SIDE);
      if (!isZero(bytes)) tiles.set(key, bytes);
    }
    return new Selection(this.#grid, tiles);
  }

  /**
   * Blurred softly, reaching exactly `radiusPx` pixels (an integer >= 0): three box filters in a row on each axis, the
   * canvas' edges continued. A pixel whose whole square of side 2 * radiusPx + 1 has one value keeps it. The same blur as
   * the engine's (engine/image/mask.ts).
   */
  feathered(radiusPx: number): Selection {
    const area = this.featheredArea(radiusPx);
    if (radiusPx === 0 || !area) return this;
    return Selection.fromMask(blurPlane(this.crop(area), area, radiusPx), area, this.size);
  }

  /** Where `feathered` changes anything, and all that it depends on; null when nothing is selected. */
  featheredArea(radiusPx: number): Bounds | null {
    const bounds = this.bounds();
    return bounds && intersect(grow(bounds, radiusPx), boundsOf(this.size));
  }

  /** On a canvas of another size on which this one's top left pixel is at (left, top). */
  placedIn(size: Size, at: { readonly left: number; readonly top: number }): Selection {
    const sameSize = size.width === this.size.width && size.height === this.size.height;
    if (sameSize && at.left === 0 && at.top === 0) return this;
    const bounds = this.bounds();
    if (!bounds) return Selection.empty(size);
    const placed = { ...bounds, left: bounds.left + at.left, top: bounds.top + at.top };
    return Selection.fromMask(this.crop(bounds), placed, size);
  }

  /** Begins a change made pixel by pixel. */
  edit(): SelectionEdit {
    return new SelectionEdit(this, { grid: this.#grid, tiles: this.#tiles });
  }
}

/** Where two selections of one canvas differ, at most a few pixels too large: one area for each tile that is not shared. */
export function selectionChanges(before: Selection, after: Selection): readonly Bounds[] {
  const placeOf = ({ left, top }: SelectionTile) => `${left},${top}`;
  const old = new Map([...before.tiles()].map((tile) => [placeOf(tile), tile]));
  const changes: Bounds[] = [];
  const add = ({ left, top }: SelectionTile, inTile: Bounds) => {
    if (!isEmpty(inTile)) changes.push(translate(inTile, { x: left, y: top }));
  };
  for (const tile of after.tiles()) {
    const last = old.get(placeOf(tile));
    old.delete(placeOf(tile));
    if (last?.bytes !== tile.bytes) add(tile, differenceBounds(last?.bytes, tile.bytes));
  }
  for (const gone of old.values()) add(gone, differenceBounds(gone.bytes));
  return changes;
}

/** One change of a selection: hands out copies of the tiles it touches, and ends in a new selection. */
export class SelectionEdit implements TileEdit {
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

  places(area: Bounds): Iterable<TilePlace> {
    return this.#grid.meeting(area);
  }

  fill({ key }: TilePlace, value: 0 | 255): void {
    const bytes = value === 0 ? undefined : FULL_TILE;
    if (this.#tiles.get(key) === bytes) return;
    if (bytes === undefined) this.#tiles.delete(key);
    else this.#tiles.set(key, bytes);
    this.#copied.delete(key);
    this.#isFilled = true;
  }

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
