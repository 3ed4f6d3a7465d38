/** Pixels of a layer, a mask or a selection: never changed, only replaced, so that history keeps them for nothing. */
import {
  heightOf,
  intersection,
  type Offset,
  type Rectangle,
  rectangleOf,
  translated,
  union,
  widthOf,
} from './rectangle.ts';
import { allocate, type BitDepth, maxOf, type Samples } from './samples.ts';

const tileSide = 256;

export interface RasterFormat {
  /** Of a layer: its colours, then alpha. Of a mask or a selection: one. */
  readonly channels: number;
  readonly depth: BitDepth;
}

/** Pixels by a rule instead of by memory: a picture of any size costs nothing. */
export interface Pattern {
  readonly bounds: Rectangle;
  /** Writes the samples of the pixel (x, y) of the document to `out`, from `index` on. */
  paint(x: number, y: number, out: Samples, index: number): void;
  /** What it paints everywhere, where that is one value in every sample. */
  readonly value?: number;
}

interface Tile {
  readonly samples: Samples;
  /** In the tile's own pixels; where the last channel is not the surroundings' value. */
  readonly content: Rectangle | undefined;
}

interface RasterParts {
  readonly format: RasterFormat;
  /** Of every sample that nothing was written to: 0, or white of a mask that reveals all. */
  readonly surroundings: number;
  readonly tiles: ReadonlyMap<number, Tile>;
  readonly pattern: Pattern | undefined;
  /** Where the tiles' and the pattern's origin is in the document. */
  readonly origin: Offset;
}

export class Raster {
  readonly format: RasterFormat;
  readonly surroundings: number;
  readonly #parts: RasterParts;

  private constructor(parts: RasterParts) {
    this.#parts = parts;
    this.format = parts.format;
    this.surroundings = parts.surroundings;
  }

  static empty(format: RasterFormat, surroundings = 0): Raster {
    return new Raster({ format, surroundings, tiles: new Map(), pattern: undefined, origin: { x: 0, y: 0 } });
  }

  static ofPattern(format: RasterFormat, pattern: Pattern): Raster {
    return new Raster({ format, surroundings: 0, tiles: new Map(), pattern, origin: { x: 0, y: 0 } });
  }

  /** The same samples in every pixel of the bounds. */
  static filled(format: RasterFormat, bounds: Rectangle, pixel: readonly number[]): Raster {
    return Raster.ofPattern(format, {
      bounds,
      paint(_x, _y, out, index) {
        for (let c = 0; c < pixel.length; c++) out[index + c] = pixel[c]!;
      },
    });
  }

  /** White, or fully selected, in the bounds. */
  static white(depth: BitDepth, bounds: Rectangle): Raster {
    const value = maxOf[depth];
    const paint: Pattern['paint'] = (_x, _y, out, index) => {
      out[index] = value;
    };
    return Raster.ofPattern({ channels: 1, depth }, { bounds, paint, value });
  }

  /** Interleaved, in rows from the top. */
  read(bounds: Rectangle): Samples {
    const { format, surroundings, tiles, pattern, origin } = this.#parts;
    const { channels, depth } = format;
    const area = translated(bounds, { x: -origin.x, y: -origin.y });
    const width = widthOf(area);
    const out = allocate(depth, width * heightOf(area) * channels);
    if (surroundings !== 0) out.fill(surroundings);
    for (const { key, bounds: cell } of cellsIn(area)) {
      const part = intersection(cell, area)!;
      const tile = tiles.get(key);
      const at = (x: number, y: number) => ((y - area.top) * width + x - area.left) * channels;
      if (tile !== undefined) {
        for (let y = part.top; y < part.bottom; y++) {
          const from = ((y - cell.top) * tileSide + part.left - cell.left) * channels;
          const row = tile.samples.subarray(from, from + widthOf(part) * channels);
          out.set(row, at(part.left, y));
        }
        continue;
      }
      const painted = pattern && intersection(part, pattern.bounds);
      if (painted === undefined) continue;
      for (let y = painted.top; y < painted.bottom; y++) {
        let index = at(painted.left, y);
        if (pattern!.value !== undefined) {
          out.fill(pattern!.value, index, index + widthOf(painted) * channels);
          continue;
        }
        for (let x = painted.left; x < painted.right; x++, index += channels)
          pattern!.paint(x, y, out, index);
      }
    }
    return out;
  }

  /** With these samples, interleaved, in the bounds. */
  written(bounds: Rectangle, samples: Samples): Raster {
    const { format, surroundings, tiles, origin } = this.#parts;
    const { channels } = format;
    const area = translated(bounds, { x: -origin.x, y: -origin.y });
    const width = widthOf(area);
    const changed = new Map(tiles);
    for (const { key, bounds: cell } of cellsIn(area)) {
      const part = intersection(cell, area)!;
      const isCovered = widthOf(part) === tileSide && heightOf(part) === tileSide;
      const own = isCovered
        ? allocate(format.depth, tileSide * tileSide * channels)
        : this.read(translated(cell, origin));
      for (let y = part.top; y < part.bottom; y++) {
        const from = ((y - area.top) * width + part.left - area.left) * channels;
        const row = samples.subarray(from, from + widthOf(part) * channels);
        own.set(row, ((y - cell.top) * tileSide + part.left - cell.left) * channels);
      }
      changed.set(key, { samples: own, content: contentOf(own, channels, surroundings) });
    }
    return new Raster({ ...this.#parts, tiles: changed });
  }

  movedBy({ x, y }: Offset): Raster {
    const { origin } = this.#parts;
    return new Raster({ ...this.#parts, origin: { x: origin.x + x, y: origin.y + y } });
  }

  /**
   * The smallest bounds of all that is not as the surroundings, which for a layer is what is not transparent. A pattern
   * counts as a whole.
   */
  contentBounds(): Rectangle | undefined {
    const { tiles, pattern, origin } = this.#parts;
    let bounds = pattern?.bounds;
    for (const [key, { content }] of tiles) {
      if (content !== undefined) bounds = union(bounds, translated(content, originOfCell(key)));
    }
    return bounds && translated(bounds, origin);
  }
}

function keyOf(column: number, row: number): number {
  return (row + 32_768) * 65_536 + column + 32_768;
}

function originOfCell(key: number): Offset {
  return {
    x: ((key % 65_536) - 32_768) * tileSide,
    y: (Math.floor(key / 65_536) - 32_768) * tileSide,
  };
}

function* cellsIn(area: Rectangle): Generator<{ readonly key: number; readonly bounds: Rectangle }> {
  for (let row = Math.floor(area.top / tileSide); row * tileSide < area.bottom; row++) {
    for (let column = Math.floor(area.left / tileSide); column * tileSide < area.right; column++) {
      const bounds = rectangleOf(column * tileSide, row * tileSide, tileSide, tileSide);
      yield { key: keyOf(column, row), bounds };
    }
  }
}

/** Of interleaved samples: where the last channel has another value. */
export function contentOf(
  samples: Samples,
  channels: number,
  surroundings = 0,
  width = tileSide,
): Rectangle | undefined {
  let content: Rectangle | undefined;
  const height = samples.length / channels / width;
  for (let y = 0; y < height; y++) {
    const differs = (x: number) => samples[(y * width + x) * channels + channels - 1] !== surroundings;
    let left = 0;
    while (left < width && !differs(left)) left++;
    if (left === width) continue;
    let right = width;
    while (!differs(right - 1)) right--;
    content = union(content, { left, top: y, right, bottom: y + 1 });
  }
  return content;
}
