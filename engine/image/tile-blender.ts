import { allocateSamples, maxSample, type Samples, storeRounded } from './picture.ts';
import { fadeInWeight, type Range, type Tile, type TilePlan, type TileSpan } from './tiles.ts';

export interface TileBlenderOptions {
  /** Output pixels per input pixel. */
  readonly scale: number;
  /** Planes of a tile's output. */
  readonly channels: number;
  /** Bits of an output sample. */
  readonly depth: 8 | 16;
}

/**
 * Puts a network's output tiles together into finished rows, top to bottom. Tiles come in the plan's order. Held at a
 * time: one row of tiles as finished samples, and only where two tiles fade into each other as floats (the strip to
 * the right of the current tile, the rows below the current row of tiles). A constant stays that constant across every
 * fade, bit for bit.
 */
export class TileBlender {
  readonly #plan: TilePlan;
  readonly #scale: number;
  readonly #channels: number;
  /** Samples in an output row. */
  readonly #rowLength: number;
  /** Finished rows of the current row of tiles. */
  readonly #band: Samples;
  /** Right-hand fade of the tile before, row by row. */
  readonly #strip: Float32Array;
  /** Lower fade of the row of tiles before, row by row. */
  readonly #carry: Float32Array;
  /** One row of the current tile, interleaved. */
  readonly #line: Float32Array;

  constructor(plan: TilePlan, { scale, channels, depth }: TileBlenderOptions) {
    this.#plan = plan;
    this.#scale = scale;
    this.#channels = channels;
    this.#rowLength = plan.picture.width * scale * channels;
    const bandRows = Math.max(...plan.rows.map((span) => span.fadeOut.start - span.fadeIn.start)) * scale;
    this.#band = allocateSamples(
      depth === 8 ? new Uint8Array() : new Uint16Array(),
      bandRows * this.#rowLength,
    );
    const longestFade = (spans: readonly TileSpan[]) =>
      Math.max(...spans.map(({ fadeOut }) => fadeOut.end - fadeOut.start)) * scale;
    this.#strip = new Float32Array(plan.input.height * scale * longestFade(plan.columns) * channels);
    this.#carry = new Float32Array(longestFade(plan.rows) * this.#rowLength);
    this.#line = new Float32Array(plan.input.width * scale * channels);
  }

  /**
   * @param output The tile's output, planes x rows x columns (CHW), `plan.input` times scale, 0..1; values outside
   *   that are clipped. What lies beyond the tile's bounds (repeated edges) is ignored.
   * @returns The rows finished by this tile, interleaved, when it was the last of its row of tiles, else null. Valid
   *   until the next call: the buffer is used again.
   */
  add(tile: Tile, output: Float32Array): Samples | null {
    const scale = this.#scale;
    const columnSpan = scaleSpan(this.#plan.columns[tile.column]!, scale);
    const rowSpan = scaleSpan(this.#plan.rows[tile.row]!, scale);
    const channels = this.#channels;
    const used = { start: columnSpan.fadeIn.start, end: columnSpan.fadeOut.end };
    const fadeInLength = (columnSpan.fadeIn.end - columnSpan.fadeIn.start) * channels;
    const ownLength = (columnSpan.fadeOut.start - used.start) * channels;
    const line = this.#line.subarray(0, (used.end - used.start) * channels);
    const stripLength = line.length - ownLength;
    const left = used.start * channels;

    for (let y = rowSpan.fadeIn.start; y < rowSpan.fadeOut.end; y++) {
      this.#readRow(output, {
        row: y - rowSpan.input.start,
        columns: used,
        firstColumn: columnSpan.input.start,
      });
      const stripRow = y - rowSpan.input.start;
      fadeAlong(line, this.#strip.subarray(stripRow * fadeInLength), fadeInLength, channels);
      this.#strip.set(line.subarray(ownLength), stripRow * stripLength);
      this.#place(line.subarray(0, ownLength), { y, left, rowSpan });
    }
    if (tile.column !== this.#plan.columns.length - 1) return null;
    return this.#band.subarray(0, (rowSpan.fadeOut.start - rowSpan.fadeIn.start) * this.#rowLength);
  }

  /** One row of a CHW output, interleaved into `#line`. */
  #readRow(
    output: Float32Array,
    source: { readonly row: number; readonly columns: Range; readonly firstColumn: number },
  ): void {
    const rowStride = this.#plan.input.width * this.#scale;
    const planeStride = rowStride * this.#plan.input.height * this.#scale;
    const channels = this.#channels;
    const line = this.#line;
    const count = source.columns.end - source.columns.start;
    for (let c = 0; c < channels; c++) {
      const start = c * planeStride + source.row * rowStride + source.columns.start - source.firstColumn;
      for (let x = 0, to = c; x < count; x++, to += channels) line[to] = output[start + x]!;
    }
  }

  /** Puts one row's values where they belong: faded with the row of tiles above, finished, or kept for the one below. */
  #place(
    values: Float32Array,
    at: { readonly y: number; readonly left: number; readonly rowSpan: TileSpan },
  ): void {
    const { fadeIn, fadeOut } = at.rowSpan;
    if (at.y >= fadeOut.start) {
      this.#carry.set(values, (at.y - fadeOut.start) * this.#rowLength + at.left);
      return;
    }
    if (at.y < fadeIn.end) {
      const weight = fadeInWeight(at.y - fadeIn.start, fadeIn.end - fadeIn.start);
      const carry = this.#carry;
      const above = (at.y - fadeIn.start) * this.#rowLength + at.left;
      for (let i = 0; i < values.length; i++) {
        const earlier = carry[above + i]!;
        values[i] = earlier + (values[i]! - earlier) * weight;
      }
    }
    const offset = (at.y - fadeIn.start) * this.#rowLength + at.left;
    storeRounded(this.#band, values, { offset, scale: maxSample(this.#band) });
  }
}

/** Fades the first `length` values of a row from the earlier tile's to the row's own. */
function fadeAlong(line: Float32Array, earlier: Float32Array, length: number, channels: number): void {
  const pixels = length / channels;
  for (let i = 0; i < length; i++) {
    const weight = fadeInWeight(Math.floor(i / channels), pixels);
    line[i] = earlier[i]! + (line[i]! - earlier[i]!) * weight;
  }
}

function scaleSpan(span: TileSpan, scale: number): TileSpan {
  const scaled = (range: Range) => ({ start: range.start * scale, end: range.end * scale });
  return { input: scaled(span.input), fadeIn: scaled(span.fadeIn), fadeOut: scaled(span.fadeOut) };
}
