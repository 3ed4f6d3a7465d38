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
  const hasOpacity = colours !== channels;
  const opaque = (pixel: number) => samples[pixel * channels + colours] === limit;
  for (let y = 0; y < targets.height; y++) {
    for (let x = 0; x < columns; x++) {
      const i = y * columns + x;
      const here = copies[i]!;
      const pixel = (y + targets.top) * width + x + targets.left;
      if (here !== NO_COPY) own[i]! += 1 / (FADE * FADE);
      for (let down = 0; down < 2; down++) {
        if (down === 0 ? x + targets.left + 1 >= width : y + targets.top + 1 >= height) continue;
        const shift = down === 0 ? 1 : width;
        const j = down === 0 ? i + 1 : i + columns;
        const inBox = down === 0 ? x + 1 < columns : y + 1 < targets.height;
        const there = inBox ? copies[j]! : NO_COPY;
        if (here === NO_COPY && there === NO_COPY) continue;
        // Where the copies' sources know what is on the other side; a row has no neighbour beyond its end.
        const seenHere =
          here !== NO_COPY &&
          here + shift < roles.length &&
          (down === 1 || (here + 1) % width !== 0) &&
          (roles[here + shift]! & HOLE) === 0;
        const seenThere =
          there !== NO_COPY &&
          there >= shift &&
          (down === 1 || there % width !== 0) &&
          (roles[there - shift]! & HOLE) === 0;
        const seen = (seenHere ? 1 : 0) + (seenThere ? 1 : 0);
        if (seen === 0) continue;
        if (
          hasOpacity &&
          !(
            opaque(pixel) &&
            opaque(pixel + shift) &&
            (!seenHere || (opaque(here) && opaque(here + shift))) &&
            (!seenThere || (opaque(there) && opaque(there - shift)))
          )
        ) {
          continue;
        }
        let steepest = 0;
        let largest = 0;
        let pull = 0;
        for (let c = 0; c < colours; c++) {
          let first = 0;
          let second = 0;
          if (seenHere) first = samples[here * channels + c]! - samples[(here + shift) * channels + c]!;
          if (seenThere) second = samples[(there - shift) * channels + c]! - samples[there * channels + c]!;
          const is = samples[pixel * channels + c]! - samples[(pixel + shift) * channels + c]!;
          const step = (first + second) / seen - is;
          steepest = Math.max(steepest, Math.abs(first), Math.abs(second));
          largest = Math.max(largest, Math.abs(step));
          if (c === channel) pull = step * levels;
        }
        if (largest * levels > MAX_STEP) continue;
        const edge = (steepest * levels) / TEXTURED;
        const jump = (largest * levels) / LIKELY_STEP;
        const softness = (1 + edge * edge) * (1 + jump * jump);
        const weight = 1 / (softness * softness);
        if (here !== NO_COPY) force[i]! += weight * pull;
        if (there !== NO_COPY) force[j]! -= weight * pull;
        if (here === NO_COPY) own[j]! += weight;
        else if (there === NO_COPY) own[i]! += weight;
        else (down === 0 ? problem.right : problem.below)[i] = weight;
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
