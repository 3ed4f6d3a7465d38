/**
 * A membrane over a grid: the values that balance the pull between neighbours, the pull to zero, and a force. Solved by
 * multigrid. Doubles rounded to floats in a fixed order: the same bits everywhere.
 */
export interface MembraneLevel {
  readonly width: number;
  readonly height: number;
  /** How strongly each pixel is tied to the one on its right, and to the one below it. */
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
  const levels = [problem];
  for (let last = problem; Math.max(last.width, last.height) > COARSEST_SIDE; ) {
    last = coarsened(last);
    levels.push(last);
  }
  for (let cycle = 0; cycle < CYCLES && !cancelled(); cycle++) descend(levels, 0);
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

function descend(levels: readonly MembraneLevel[], index: number): void {
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
      if (x + 1 < width) stiffness += right[i]! * (value - values[i + 1]!) ** 2;
      if (y + 1 < height) stiffness += below[i]! * (value - values[i + width]!) ** 2;
    }
  }
  return stiffness > 0 ? along / stiffness : 0;
}

/** One sweep of Gauss and Seidel, down or up. */
function relax(level: MembraneLevel, forward: boolean): void {
  const { width, height, right, below, own, force, values } = level;
  const size = width * height;
  for (let n = 0; n < size; n++) {
    const i = forward ? n : size - 1 - n;
    const toLeft = i >= 1 ? right[i - 1]! : 0;
    const toAbove = i >= width ? below[i - width]! : 0;
    const toRight = right[i]!;
    const toBelow = below[i]!;
    const total = own[i]! + toLeft + toAbove + toRight + toBelow;
    if (total === 0) continue;
    let sum = force[i]!;
    if (toLeft !== 0) sum += toLeft * values[i - 1]!;
    if (toAbove !== 0) sum += toAbove * values[i - width]!;
    if (toRight !== 0) sum += toRight * values[i + 1]!;
    if (toBelow !== 0) sum += toBelow * values[i + width]!;
    values[i] = sum / total;
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
