import { colourCount, maxSample } from '../../image/picture.ts';
import { HOLE, type Level } from '../level.ts';
import { type Canvas, NO_COPY } from './composite.ts';
import { makeMembrane, solveMembrane } from './membrane.ts';
import { BELOW, FORCE, LINK_BELOW, type MembraneKernels, NODE, OWN, RIGHT } from './membrane-nodes.ts';

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

/** Textured areas hang together so weakly that they would take many more to settle; smooth ones have by then. */
const CYCLES = 4;

const { fround } = Math;
const HOLD = fround(1 / (FADE * FADE));
const PER_TEXTURED = fround(1 / TEXTURED);
const PER_LIKELY_STEP = fround(1 / LIKELY_STEP);

/** What the seam finish does to nodes (membrane-nodes.ts) of the copies, in which each colour is a lane. */
export interface SeamKernels {
  /** Sets the ties and forces of the nodes. */
  tieSeams(nodes: number): void;
  /** Adds the nodes' values to the samples. */
  correctSeams(nodes: number): void;
}

/**
 * The seam finish: gradients of a fill are those of the known pixels it was copied from, across its seams and its border
 * too (Perez et al., Poisson image editing, 2003; screened as in Darabi et al. 2012). A gradient weighs less the
 * stronger it is, so that what cannot be reconciled is hidden in texture and at edges.
 *
 * @param options `copies`: byte offset of an Int32 for each of the `width * height` pixels of the targets' bounds;
 * `memory`: byte offset of `membraneBytes`.
 */
export function finishSeams(
  kernels: SeamKernels & MembraneKernels,
  options: {
    readonly copies: number;
    readonly width: number;
    readonly height: number;
    readonly memory: number;
    readonly cancelled: () => boolean;
  },
): void {
  const { copies: map, cancelled } = options;
  const membrane = makeMembrane(kernels, { ...options, map, tie: (nodes) => kernels.tieSeams(nodes) });
  solveMembrane(membrane, { cycles: CYCLES, cancelled });
  if (!cancelled()) kernels.correctSeams(membrane.levels[0]!.nodes);
}

/** The reference. All in grey levels and single precision, in a fixed order. */
export function scalarSeams(
  buffer: SharedArrayBuffer,
  options: {
    readonly level: Level;
    readonly canvas: Canvas;
    /** As the composite wrote them, over the level's targets. */
    readonly copies: Int32Array;
  },
): SeamKernels {
  const floats = new Float32Array(buffer, 0, buffer.byteLength >> 2);
  const { level, canvas, copies } = options;
  const { width, roles, targets } = level;
  const { samples, channels } = canvas;
  const limit = maxSample(samples);
  const ints = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  const perSample = fround(255 / limit);
  const perLevel = limit / 255;
  const colours = colourCount(channels);
  const pulls = new Float32Array(3);

  const isOpaque = (pixel: number) => colours === channels || samples[pixel * channels + colours] === limit;

  /** Whether what is `shift` on from a copy's source is known and beside it. */
  const isSeen = (source: number, shift: number): boolean => {
    const other = source + shift;
    if (source === NO_COPY || other < 0 || other >= roles.length || (roles[other]! & HOLE) !== 0)
      return false;
    if ((shift === 1 && other % width === 0) || (shift === -1 && source % width === 0)) return false;
    return isOpaque(source) && isOpaque(other);
  };

  /**
   * How much the tie between a pixel and the one `shift` on weighs, copies of `here` and `there`; 0 for none. `pulls`
   * are what it wants the first to be raised by and the second to be lowered by, times that.
   */
  const weigh = (
    pixel: number,
    { shift, here, there }: { shift: number; here: number; there: number },
  ): number => {
    const seenHere = isSeen(here, shift);
    const seenThere = isSeen(there, -shift);
    if (!(seenHere || seenThere) || !isOpaque(pixel) || !isOpaque(pixel + shift)) return 0;
    const share = seenHere && seenThere ? 0.5 : 1;
    let steepest = 0;
    let largest = 0;
    for (let c = 0; c < colours; c++) {
      const at = (k: number) => samples[k * channels + c]!;
      const first = seenHere ? at(here) - at(here + shift) : 0;
      const second = seenThere ? at(there - shift) - at(there) : 0;
      const step = (first + second) * share - (at(pixel) - at(pixel + shift));
      steepest = Math.max(steepest, Math.abs(first), Math.abs(second));
      largest = Math.max(largest, Math.abs(step));
      pulls[c] = step * perSample;
    }
    largest = fround(largest * perSample);
    if (largest > MAX_STEP) return 0;
    const edge = fround(fround(steepest * perSample) * PER_TEXTURED);
    const jump = fround(largest * PER_LIKELY_STEP);
    const softness = fround(fround(1 + fround(edge * edge)) * fround(1 + fround(jump * jump)));
    const weight = fround(1 / fround(softness * softness));
    for (let c = 0; c < colours; c++) pulls[c]! *= weight;
    return weight;
  };

  const pull = (node: number, sign: 1 | -1) => {
    for (let c = 0; c < colours; c++) floats[node + FORCE + c]! += sign * pulls[c]!;
  };

  /** Ties a node to a known pixel. */
  const hold = (node: number, weight: number, sign: 1 | -1) => {
    if (weight === 0) return;
    floats[node + OWN]! += weight;
    pull(node, sign);
  };

  return {
    tieSeams(nodes) {
      const columns = targets.width;
      let node = nodes >> 2;
      for (let y = 0; y < targets.height; y++) {
        for (let x = 0; x < columns; x++) {
          const i = y * columns + x;
          const here = copies[i]!;
          if (here === NO_COPY) continue;
          node += NODE;
          const pixel = (y + targets.top) * width + x + targets.left;
          floats[node + OWN] = HOLD;
          // The bounds reach beyond the copies on each side where the picture does.
          if (x > 0 && copies[i - 1] === NO_COPY) {
            hold(node, weigh(pixel - 1, { shift: 1, here: NO_COPY, there: here }), -1);
          }
          if (y > 0 && copies[i - columns] === NO_COPY) {
            hold(node, weigh(pixel - width, { shift: width, here: NO_COPY, there: here }), -1);
          }
          if (x + 1 < columns) {
            const there = copies[i + 1]!;
            const weight = weigh(pixel, { shift: 1, here, there });
            if (there === NO_COPY) hold(node, weight, 1);
            else if (weight > 0) {
              floats[node + RIGHT] = weight;
              pull(node, 1);
              pull(node + NODE, -1);
            }
          }
          if (y + 1 < targets.height) {
            const there = copies[i + columns]!;
            const weight = weigh(pixel, { shift: width, here, there });
            if (there === NO_COPY) hold(node, weight, 1);
            else if (weight > 0) {
              floats[node + BELOW] = weight;
              pull(node, 1);
              pull((nodes >> 2) + ints[node + LINK_BELOW]! * NODE, -1);
            }
          }
        }
      }
    },

    correctSeams(nodes) {
      let node = nodes >> 2;
      for (let i = 0; i < copies.length; i++) {
        if (copies[i] === NO_COPY) continue;
        node += NODE;
        const x = targets.left + (i % targets.width);
        const y = targets.top + Math.floor(i / targets.width);
        for (let c = 0; c < colours; c++) {
          const levels = Math.min(Math.max(floats[node + c]!, -MAX_CORRECTION), MAX_CORRECTION);
          const to = (y * width + x) * channels + c;
          const value = Math.floor(fround(samples[to]! + fround(fround(levels * perLevel) + 0.5)));
          samples[to] = value < 0 ? 0 : Math.min(value, limit);
        }
      }
    },
  };
}
