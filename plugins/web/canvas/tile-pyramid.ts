import {
  type Bounds,
  bottomOf,
  boundsOf,
  grow,
  intersect,
  isEmpty,
  rightOf,
  type Size,
} from '../../shared/picture/geometry.ts';
import { type PiecePixels, TILE_SIDE, Tile } from './tile.ts';

/** Tiles kept besides the visible ones: the levels above 0 of a 24-megapixel picture are 33. A tile takes 1 MB. */
const MAX_SPARE_TILES = 40;

/** Where a pyramid's pixels come from. */
export interface TilePainter {
  /**
   * The pixels of `bounds` (document pixels inside the canvas, at most PIECE_SIDE a side), reduced by 2^level and rounded
   * up; null when they are transparent throughout. Valid until the next call.
   */
  readonly paint: (bounds: Bounds, level: number) => PiecePixels | null;
  /** How many reduced pixels around itself a pixel depends on. */
  readonly reach: number;
}

/** What part of the document is drawn where: device pixels of the canvas. */
export interface TileView {
  /** Document pixels, cut to the canvas. */
  readonly visible: Bounds;
  /** Device pixels per document pixel. */
  readonly scale: number;
  /** Where an area of the document is on the canvas, rounded to whole device pixels, so that tiles meet without a seam. */
  readonly toDevice: (area: Bounds) => Bounds;
}

interface TilePart {
  readonly tile: Tile;
  /** Document pixels inside the tile. */
  readonly area: Bounds;
}

/**
 * A picture in reduced copies, each half the size of the one below, cut into tiles that are painted when they are
 * first seen, a piece at a time. While a tile is unfinished a coarser one stands in; one that changed shows its old look.
 */
export class TilePyramid {
  readonly #size: Size;
  readonly #maxLevel: number;
  readonly #tiles = new Map<string, Tile>();
  #painter: TilePainter;
  #frame = 0;

  constructor(size: Size, painter: TilePainter) {
    this.#size = size;
    this.#painter = painter;
    this.#maxLevel = Math.max(0, Math.ceil(Math.log2(Math.max(size.width, size.height) / TILE_SIDE)));
  }

  /** Paints with another source from now on, which differs from the last one only inside `areas`. */
  update(painter: TilePainter, areas: readonly Bounds[]): void {
    this.#painter = painter;
    for (const tile of this.#tiles.values()) {
      for (const area of areas) tile.markStale(grow(area, painter.reach * 2 ** tile.level));
    }
  }

  /**
   * Paints what `view` shows and is not painted yet, until `deadline` (performance.now()), but one piece at least. True when
   * nothing is left.
   */
  paintVisible(view: TileView, deadline: number): boolean {
    return this.#paint(view.visible, { level: this.#levelFor(view.scale), deadline });
  }

  /** Paints, as `paintVisible`, the whole picture at the coarsest level, which stands in wherever the view goes next. */
  paintOverview(deadline: number): boolean {
    return this.#paint(boundsOf(this.#size), { level: this.#maxLevel, deadline });
  }

  #paint(area: Bounds, { level, deadline }: { readonly level: number; readonly deadline: number }): boolean {
    for (const tile of this.#tilesIn(area, level)) {
      for (const piece of tile.unfinished(area)) {
        tile.put(piece, this.#painter.paint(piece.bounds, level));
        if (performance.now() >= deadline) return false;
      }
    }
    return true;
  }

  /** Draws what there is. `drawUnder` is called for the device rectangle of each tile that one can see through. */
  draw(target: CanvasRenderingContext2D, view: TileView, drawUnder?: (to: Bounds) => void): void {
    this.#frame++;
    target.imageSmoothingEnabled = view.scale < 2;
    target.imageSmoothingQuality = 'low';
    const tiles = this.#tilesIn(view.visible, this.#levelFor(view.scale));
    for (const tile of tiles) {
      const area = intersect(tile.bounds, view.visible);
      const parts = this.#partsFor(tile, area);
      if (drawUnder && !parts.every((part) => part.tile.isOpaque)) drawUnder(view.toDevice(area));
      for (const part of parts) {
        part.tile.lastUsed = this.#frame;
        part.tile.draw(target, part.area, view.toDevice(part.area));
      }
    }
    this.#forget(tiles.length);
  }

  /** The tile itself or, while it lacks pieces in `area`, the nearest coarser one that lacks none, else finer ones. */
  #partsFor(tile: Tile, area: Bounds): readonly TilePart[] {
    if (tile.isPainted(area)) return [{ tile, area }];
    for (let level = tile.level + 1; level <= this.#maxLevel; level++) {
      const coarser = this.#known(level, area)[0];
      if (coarser?.tile.isPainted(area)) return [coarser];
    }
    return [...(tile.level > 0 ? this.#known(tile.level - 1, area) : []), { tile, area }];
  }

  /** The finest level with no more pixels than are needed: drawn at 1/2 to 1 of its size. */
  #levelFor(scale: number): number {
    return Math.min(this.#maxLevel, Math.max(0, Math.floor(-Math.log2(scale))));
  }

  /** The tiles of a level in `area` that there are. */
  #known(level: number, area: Bounds): TilePart[] {
    const parts: TilePart[] = [];
    for (const { column, row } of placesIn(area, level)) {
      const tile = this.#tiles.get(keyOf(level, column, row));
      if (tile) parts.push({ tile, area: intersect(area, tile.bounds) });
    }
    return parts;
  }

  /** The tiles at a level that meet `area`, those nearest to its middle first; made where they were not yet. */
  #tilesIn(area: Bounds, level: number): Tile[] {
    if (isEmpty(area)) return [];
    const side = TILE_SIDE * 2 ** level;
    const tiles: Tile[] = [];
    for (const { column, row } of placesIn(area, level)) {
      const key = keyOf(level, column, row);
      let tile = this.#tiles.get(key);
      if (!tile) {
        const whole = { left: column * side, top: row * side, width: side, height: side };
        tile = new Tile(level, intersect(whole, boundsOf(this.#size)));
        this.#tiles.set(key, tile);
      }
      tiles.push(tile);
    }
    const fromMiddle = ({ bounds }: Tile) =>
      Math.hypot(
        bounds.left + bounds.width / 2 - area.left - area.width / 2,
        bounds.top + bounds.height / 2 - area.top - area.height / 2,
      );
    return tiles.sort((a, b) => fromMiddle(a) - fromMiddle(b));
  }

  /** Lets go of the tiles that were drawn longest ago; the overview stays. */
  #forget(visibleCount: number): void {
    const excess = this.#tiles.size - visibleCount - MAX_SPARE_TILES;
    if (excess <= 0) return;
    const oldest = [...this.#tiles]
      .filter(([, tile]) => tile.level < this.#maxLevel && tile.lastUsed < this.#frame)
      .sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [key] of oldest.slice(0, excess)) this.#tiles.delete(key);
  }
}

function keyOf(level: number, column: number, row: number): string {
  return `${level}/${column}/${row}`;
}

function* placesIn(
  area: Bounds,
  level: number,
): Generator<{ readonly column: number; readonly row: number }> {
  const side = TILE_SIDE * 2 ** level;
  for (let row = Math.floor(area.top / side); row * side < bottomOf(area); row++) {
    for (let column = Math.floor(area.left / side); column * side < rightOf(area); column++) {
      yield { column, row };
    }
  }
}
