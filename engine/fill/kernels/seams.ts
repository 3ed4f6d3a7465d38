import { colourCount, maxSample } from '../../image/picture.ts';
import { type Band, HOLE, type Level } from '../level.ts';
import { type Canvas, NO_COPY } from './composite.ts';
import { type MembraneLevel, solveMembrane } from './membrane.ts';

/** A step larger than this many grey levels is an edge of the picture, not a seam: it is left alone. */
const MAX_STEP = 24;

/** A step of this many levels weighs a quarter of a small one, because the larger, the likelier it is an edge. */
const LIKELY_STEP = 5;

/** Gradient in grey levels at which a seam weighs half of one in a smooth area: in texture it is not seen. */
const TEXTURED = 6;

/** In a smooth area a correction fades over about this many pixels, in texture the faster the rougher it is. */
const FADE = 96;

/** No pixel is made lighter or darker by more than this many levels: gradients may add up over a long way. */
const MAX_CORRECTION = 24;

interface SeamOptions {
  readonly canvas: Canvas;
  /** As the composite wrote them, over the level's targets. */
  readonly copies: Int32Array;
}

/**
 * The seam finish: gradients of a fill are those of the known pixels it was copied from, across its seams and its border
 * too (Perez et al., Poisson image editing, 2003; screened as in Darabi et al. 2012). A gradient weighs less the
 * stronger it is, so that what cannot be reconciled is hidden in texture and at edges.
 *
 * @param options `channel` is a colour; `corrections`, one a pixel of the level's targets, are what it has to change by,
 * in grey levels.
 */
export function findSeamCorrections(
  level: Level,
  options: SeamOptions & {
    readonly channel: number;
    readonly corrections: Float32Array;
    readonly cancelled: () => boolean;
  },
): void {
  const { width, height, roles, targets } = level;
  const { canvas, copies, channel, corrections, cancelled } = options;
  const { samples, channels } = canvas;
  const limit = maxSample(samples);
  const levels = 255 / limit;
  const colours = colourCount(channels);
  const columns = targets.width;
  const size = columns * targets.height;
  corrections.fill(0);
  const problem: MembraneLevel = {
    width: columns,
    height: targets.height,
    right: new Float32Array(size),
    below: new Float32Array(size),
    own: new Float32Array(size),
    force: new Float32Array(size),
    values: corrections,
  };
  const { own, force } = problem;
  const opaque = (pixel: number) => colours === channels || samples[pixel * channels + colours] === limit;

  /** Whether what lies `shift` from a copy's source is known and beside it. */
  const isSeen = (source: number, shift: number): boolean => {
    if (source === NO_COPY) return false;
    const other = source + shift;
    if (other < 0 || other >= roles.length || (roles[other]! & HOLE) !== 0) return false;
    return Math.abs((source % width) - (other % width)) <= 1 && opaque(source) && opaque(other);
  };

  /** Ties pixel `i` to the one `shift` further, of which at least one is a copy. */
  const tie = (
    i: number,
    pixel: number,
    { shift, j, inBox }: { shift: number; j: number; inBox: boolean },
  ) => {
    const here = copies[i]!;
    const there = inBox ? copies[j]! : NO_COPY;
    const seenHere = isSeen(here, shift);
    const seenThere = isSeen(there, -shift);
    const seen = (seenHere ? 1 : 0) + (seenThere ? 1 : 0);
    if (seen === 0 || !opaque(pixel) || !opaque(pixel + shift)) return;
    let steepest = 0;
    let largest = 0;
    let pull = 0;
    for (let c = 0; c < colours; c++) {
      const at = (k: number) => samples[k * channels + c]!;
      const first = seenHere ? at(here) - at(here + shift) : 0;
      const second = seenThere ? at(there - shift) - at(there) : 0;
      steepest = Math.max(steepest, Math.abs(first), Math.abs(second));
      const step = (first + second) / seen - (at(pixel) - at(pixel + shift));
      largest = Math.max(largest, Math.abs(step));
      if (c === channel) pull = step * levels;
    }
    if (largest * levels > MAX_STEP) return;
    const edge = (steepest * levels) / TEXTURED;
    const jump = (largest * levels) / LIKELY_STEP;
    const weight = 1 / ((1 + edge * edge) * (1 + jump * jump)) ** 2;
    if (here !== NO_COPY) force[i]! += weight * pull;
    if (there !== NO_COPY) force[j]! -= weight * pull;
    if (here === NO_COPY) own[j]! += weight;
    else if (there === NO_COPY) own[i]! += weight;
    else (shift === 1 ? problem.right : problem.below)[i] = weight;
  };

  for (let y = 0; y < targets.height; y++) {
    for (let x = 0; x < columns; x++) {
      const i = y * columns + x;
      const pixel = (y + targets.top) * width + x + targets.left;
      if (copies[i] !== NO_COPY) own[i]! += 1 / (FADE * FADE);
      if (x + targets.left + 1 < width) tie(i, pixel, { shift: 1, j: i + 1, inBox: x + 1 < columns });
      if (y + targets.top + 1 < height) {
        tie(i, pixel, { shift: width, j: i + columns, inBox: y + 1 < targets.height });
      }
    }
  }
  solveMembrane(problem, cancelled);
  for (let i = 0; i < size; i++) {
    corrections[i] = Math.min(Math.max(corrections[i]!, -MAX_CORRECTION), MAX_CORRECTION);
  }
}

/** Adds the corrections of a band to the samples that were copied. */
export function correctSeams(
  level: Level,
  options: SeamOptions & { readonly band: Band; readonly corrections: readonly Float32Array[] },
): void {
  const { width, targets } = level;
  const { canvas, copies, band, corrections } = options;
  const { samples, channels } = canvas;
  const limit = maxSample(samples);
  const perLevel = limit / 255;
  for (let y = band.top; y < band.bottom; y++) {
    for (let x = targets.left; x < targets.left + targets.width; x++) {
      const i = (y - targets.top) * targets.width + (x - targets.left);
      if (copies[i] === NO_COPY) continue;
      for (const [c, values] of corrections.entries()) {
        const to = (y * width + x) * channels + c;
        const value = Math.floor(samples[to]! + values[i]! * perLevel + 0.5);
        samples[to] = value < 0 ? 0 : Math.min(value, limit);
      }
    }
  }
}
