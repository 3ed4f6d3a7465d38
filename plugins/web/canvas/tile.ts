import { type Bounds, bottomOf, intersect, isEmpty, rightOf } from '../../shared/picture/geometry.ts';
import type { Pixels } from './downsample.ts';

/** Side of a tile's canvas in pixels, at every level. */
export const TILE_SIDE = 512;
/** Side of what is painted at one go, in document pixels: a fraction of a millisecond's work, so that no frame is missed. */
export const PIECE_SIDE = 256;

/** Reduced pixels of a piece; `isOpaque` when none of the pixels they were made of is transparent. */
export type PiecePixels = Pixels & { readonly isOpaque: boolean };

type PieceState = 'missing' | 'stale' | 'opaque' | 'translucent';

/** A square part of a picture at one level of reduction (2^level), painted a piece at a time. */
export class Tile {
  readonly level: number;
  /** Document pixels, cut to the canvas. */
  readonly bounds: Bounds;
  /** Number of the frame in which it was last drawn. */
  lastUsed = 0;
  readonly #columns: number;
  readonly #pieces: PieceState[];
  readonly #counts: Record<PieceState, number>;
  /** Made with the first pixel there is to show. */
  #context: OffscreenCanvasRenderingContext2D | null = null;

  constructor(level: number, bounds: Bounds) {
    this.level = level;
    this.bounds = bounds;
    this.#columns = Math.ceil(bounds.width / PIECE_SIDE);
    const count = this.#columns * Math.ceil(bounds.height / PIECE_SIDE);
    this.#pieces = new Array<PieceState>(count).fill('missing');
    this.#counts = { missing: count, stale: 0, opaque: 0, translucent: 0 };
  }

  /** True when nothing beneath it can be seen. */
  get isOpaque(): boolean {
    return this.#counts.opaque === this.#pieces.length;
  }

  get isFinished(): boolean {
    return this.#counts.missing + this.#counts.stale === 0;
  }

  /** True when every piece in `area` was painted at least once. */
  isPainted(area: Bounds): boolean {
    if (this.#counts.missing === 0) return true;
    for (const i of this.#meeting(area)) if (this.#pieces[i] === 'missing') return false;
    return true;
  }

  /** The pieces in `area` that are to be painted, by their index and place in the document. */
  *unfinished(area: Bounds): Generator<{ readonly index: number; readonly bounds: Bounds }> {
    if (this.isFinished) return;
    for (const index of this.#meeting(area)) {
      const state = this.#pieces[index]!;
      if (state !== 'missing' && state !== 'stale') continue;
      const left = this.bounds.left + (index % this.#columns) * PIECE_SIDE;
      const top = this.bounds.top + Math.floor(index / this.#columns) * PIECE_SIDE;
      const whole = { left, top, width: PIECE_SIDE, height: PIECE_SIDE };
      yield { index, bounds: intersect(whole, this.bounds) };
    }
  }

  markStale(area: Bounds): void {
    for (const i of this.#meeting(area)) if (this.#pieces[i] !== 'missing') this.#set(i, 'stale');
  }

  /** Takes the pixels of a piece; null for a piece that is transparent throughout. */
  put(
    { index, bounds }: { readonly index: number; readonly bounds: Bounds },
    pixels: PiecePixels | null,
  ): void {
    const step = 2 ** this.level;
    const left = (bounds.left - this.bounds.left) / step;
    const top = (bounds.top - this.bounds.top) / step;
    if (pixels) {
      this.#context ??= newContext(Math.ceil(this.bounds.width / step), Math.ceil(this.bounds.height / step));
      this.#context.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), left, top);
    } else {
      this.#context?.clearRect(left, top, Math.ceil(bounds.width / step), Math.ceil(bounds.height / step));
    }
    this.#set(index, pixels?.isOpaque ? 'opaque' : 'translucent');
  }

  /** Draws the part inside `area` (document pixels inside the tile) into a device rectangle. */
  draw(target: CanvasRenderingContext2D, area: Bounds, to: Bounds): void {
    if (!this.#context || isEmpty(area) || isEmpty(to)) return;
    const step = 2 ** this.level;
    target.drawImage(
      this.#context.canvas,
      (area.left - this.bounds.left) / step,
      (area.top - this.bounds.top) / step,
      area.width / step,
      area.height / step,
      to.left,
      to.top,
      to.width,
      to.height,
    );
  }

  #set(index: number, state: PieceState): void {
    this.#counts[this.#pieces[index]!]--;
    this.#pieces[index] = state;
    this.#counts[state]++;
  }

  *#meeting(area: Bounds): Generator<number> {
    const inside = intersect(area, this.bounds);
    if (isEmpty(inside)) return;
    const placeOf = (position: number, start: number) => Math.floor((position - start) / PIECE_SIDE);
    const lastColumn = placeOf(rightOf(inside) - 1, this.bounds.left);
    const lastRow = placeOf(bottomOf(inside) - 1, this.bounds.top);
    for (let row = placeOf(inside.top, this.bounds.top); row <= lastRow; row++) {
      for (let column = placeOf(inside.left, this.bounds.left); column <= lastColumn; column++) {
        yield row * this.#columns + column;
      }
    }
  }
}

function newContext(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context)
    throw new Error('The browser gave no canvas to draw a tile on: close other tabs and try again');
  return context;
}
