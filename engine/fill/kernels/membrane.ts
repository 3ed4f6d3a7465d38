/**
 * A membrane over a grid: the values that balance the pull between neighbours, the pull to zero, and a force. Solved by
 * multigrid. Doubles rounded to floats in a fixed order: the same bits everywhere.
 */
export interface MembraneLevel {
  readonly width: number;
  readonly height: number;
  /** How strongly each pixel is tied to the one on its right, and to the one below it: 0 at the last column and row. */
  readonly right: Float32Array;
  readonly below: Float32Array;
  /** How strongly it is tied to zero. A pixel without any tie keeps its value. */
  readonly own: Float32Array;
  readonly force: Float32Array;
  readonly values: Float32Array;
}

const CYCLES = 6;
const SWEEPS = 2;

/** Sweeps over the coarsest grid. */
const COARSEST_SWEEPS = 16;
const COARSEST_SIDE = 2;

/** Finds the values, from what is in them; `cancelled` is asked between cycles. */
export function solveMembrane(problem: MembraneLevel, cancelled: () => boolean): void {
  const levels = [withSlack(problem)];
  for (let last = problem; Math.max(last.width, last.height) > COARSEST_SIDE; ) {
    last = coarsened(last);
    levels.push(withSlack(last));
  }
  for (let cycle = 0; cycle < CYCLES && !cancelled(); cycle++) descend(levels, 0);
}

/** A level and what one over the sum of each pixel's ties is, or 0 without any. */
interface TiedLevel extends MembraneLevel {
  readonly slack: Float32Array;
}

function withSlack(level: MembraneLevel): TiedLevel {
  const { width, right, below, own } = level;
  const slack = new Float32Array(own.length);
  for (let i = 0; i < own.length; i++) {
    let total = own[i]! + right[i]! + below[i]!;
    if (i >= 1) total += right[i - 1]!;
    if (i >= width) total += below[i - width]!;
    slack[i] = total > 0 ? 1 / total : 0;
  }
  return { ...level, slack };
}

function coarsened(fine: MembraneLevel): MembraneLevel {
  const width = (fine.width + 1) >> 1;
  const height = (fine.height + 1) >> 1;
  const size = width * height;
  const coarse: MembraneLevel = {
    width,
    height,
    right: new Float32Array(size),
    below: new Float32Array(size),
    own: new Float32Array(size),
    force: new Float32Array(size),
    values: new Float32Array(size),
  };
  for (let y = 0; y < fine.height; y++) {
    for (let x = 0; x < fine.width; x++) {
      const from = y * fine.width + x;
      const to = (y >> 1) * width + (x >> 1);
      coarse.own[to]! += fine.own[from]!;
      // Inside a pair nothing can differ.
      if ((x & 1) === 1) coarse.right[to]! += fine.right[from]!;
      if ((y & 1) === 1) coarse.below[to]! += fine.below[from]!;
    }
  }
  return coarse;
}

function descend(levels: readonly TiedLevel[], index: number): void {
  const fine = levels[index]!;
  const coarse = levels[index + 1];
  if (coarse === undefined) {
    for (let sweep = 0; sweep < COARSEST_SWEEPS; sweep++) relax(fine, sweep % 2 === 0);
    return;
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) relax(fine, sweep % 2 === 0);
  restrict(fine, coarse);
  coarse.values.fill(0);
  descend(levels, index + 1);
  const length = stepLength(coarse);
  for (let y = 0; y < fine.height; y++) {
    for (let x = 0; x < fine.width; x++) {
      fine.values[y * fine.width + x]! += length * coarse.values[(y >> 1) * coarse.width + (x >> 1)]!;
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) relax(fine, sweep % 2 === 1);
}

/**
 * How far to go along the coarse grid's answer, so that the energy falls the most: blocks hold together more stiffly than
 * values that may slope, so about twice as far as it says. As the fine grid's force in the coarse one is a sum, so
 * are both products.
 */
function stepLength(coarse: MembraneLevel): number {
  const { width, height, right, below, own, force, values } = coarse;
  let along = 0;
  let stiffness = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const value = values[i]!;
      along += value * force[i]!;
      stiffness += own[i]! * value * value;
      const toRight = x + 1 < width ? value - values[i + 1]! : 0;
      const toBelow = y + 1 < height ? value - values[i + width]! : 0;
      stiffness += right[i]! * toRight * toRight + below[i]! * toBelow * toBelow;
    }
  }
  return stiffness > 0 ? along / stiffness : 0;
}

/**
 * One sweep of Gauss and Seidel, the pixels of one colour of a chessboard and then the other's: none waits for the one beside
 * it, and neither does the processor.
 */
function relax(level: TiedLevel, blackFirst: boolean): void {
  const { width, height, right, below, slack, force, values } = level;
  const size = width * height;
  for (let half = 0; half < 2; half++) {
    const colour = blackFirst ? half : 1 - half;
    for (let y = 0; y < height; y++) {
      const end = (y + 1) * width;
      for (let i = y * width + ((y + colour) & 1); i < end; i += 2) {
        const share = slack[i]!;
        if (share === 0) continue;
        let sum = force[i]!;
        if (i >= 1) sum += right[i - 1]! * values[i - 1]!;
        if (i >= width) sum += below[i - width]! * values[i - width]!;
        if (i + 1 < size) sum += right[i]! * values[i + 1]!;
        if (i + width < size) sum += below[i]! * values[i + width]!;
        values[i] = sum * share;
      }
    }
  }
}

/** The coarse grid's force is what of the fine one's is not balanced yet. */
function restrict(fine: MembraneLevel, coarse: MembraneLevel): void {
  const { width, height, right, below, own, force, values } = fine;
  coarse.force.fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const value = values[i]!;
      let residual = force[i]! - own[i]! * value;
      if (x > 0) residual -= right[i - 1]! * (value - values[i - 1]!);
      if (y > 0) residual -= below[i - width]! * (value - values[i - width]!);
      if (x + 1 < width) residual -= right[i]! * (value - values[i + 1]!);
      if (y + 1 < height) residual -= below[i]! * (value - values[i + width]!);
      coarse.force[(y >> 1) * coarse.width + (x >> 1)]! += residual;
    }
  }
}
