/**
 * Harmonic interpolation (Laplace's equation in the hole, known pixels as its border): the best there is for strokes a
 * few pixels wide, and all there is where the known area is too small for patches. Coarse to fine, so that a wide hole
 * converges too. Doubles in a fixed order: the same bits everywhere.
 */

/** Over-relaxation and sweeps a level; the coarser level's solution is the start, so few are needed. */
const OMEGA = 1.6;
const SWEEPS = 40;

export interface HarmonicProblem {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** `width * height * channels`, interleaved; hole pixels are overwritten. At least one pixel must be known. */
  readonly values: Float32Array;
  /** 1 = to be found. */
  readonly hole: Uint8Array;
  /** Asked between sweeps; true ends the work early. */
  readonly cancelled: () => boolean;
}

export function harmonicFill(problem: HarmonicProblem): void {
  const { width, channels, values, hole } = problem;
  const unknown: number[] = [];
  for (let i = 0; i < hole.length; i++) if (hole[i] === 1) unknown.push(i);
  if (unknown.length === 0 || problem.cancelled()) return;
  const coarse = coarsen(problem);
  harmonicFill(coarse);
  for (const i of unknown) {
    const x = i % width;
    const y = (i - x) / width;
    const from = ((y >> 1) * coarse.width + (x >> 1)) * channels;
    for (let c = 0; c < channels; c++) values[i * channels + c] = coarse.values[from + c]!;
  }
  for (let sweep = 0; sweep < SWEEPS && !problem.cancelled(); sweep++) {
    for (const i of unknown) {
      const x = i % width;
      const left = x > 0 ? 1 : 0;
      const right = x + 1 < width ? 1 : 0;
      const above = i >= width ? 1 : 0;
      const below = i + width < hole.length ? 1 : 0;
      // Beyond the picture's edge the gradient is 0: that neighbour does not count.
      const count = left + right + above + below;
      for (let c = 0; c < channels; c++) {
        const at = i * channels + c;
        let sum = 0;
        if (left === 1) sum += values[at - channels]!;
        if (right === 1) sum += values[at + channels]!;
        if (above === 1) sum += values[at - width * channels]!;
        if (below === 1) sum += values[at + width * channels]!;
        const value = values[at]!;
        values[at] = value + OMEGA * (sum / count - value);
      }
    }
  }
}

/** Half the size, means of the known pixels; unknown where all four are. */
function coarsen(problem: HarmonicProblem): HarmonicProblem {
  const { width, height, channels, values, hole } = problem;
  const coarseWidth = (width + 1) >> 1;
  const coarseHeight = (height + 1) >> 1;
  const coarseValues = new Float32Array(coarseWidth * coarseHeight * channels);
  const coarseHole = new Uint8Array(coarseWidth * coarseHeight);
  for (let y = 0; y < coarseHeight; y++) {
    for (let x = 0; x < coarseWidth; x++) {
      const to = y * coarseWidth + x;
      let count = 0;
      for (let fromY = 2 * y; fromY < Math.min(2 * y + 2, height); fromY++) {
        for (let fromX = 2 * x; fromX < Math.min(2 * x + 2, width); fromX++) {
          const from = fromY * width + fromX;
          if (hole[from] === 1) continue;
          count++;
          for (let c = 0; c < channels; c++) coarseValues[to * channels + c]! += values[from * channels + c]!;
        }
      }
      if (count === 0) coarseHole[to] = 1;
      else for (let c = 0; c < channels; c++) coarseValues[to * channels + c]! /= count;
    }
  }
  return { ...problem, width: coarseWidth, height: coarseHeight, values: coarseValues, hole: coarseHole };
}
