/**
 * Biharmonic interpolation (a thin plate over the hole): unlike the harmonic one it carries slopes on into the hole, so
 * that edges and shades pass through a thin one unbroken. Least squares of the Laplacian over all pixels that see the
 * hole, by conjugate gradients. Doubles in a fixed order: the same bits everywhere.
 */
import { type HarmonicProblem, harmonicFill } from './harmonic.ts';

/** A hole 12 px wide needs about 50 steps. */
const MAX_STEPS = 80;

/** Done when the mean residual is this many times smaller than at the start. */
const TOLERANCE = 1e-2;

/** As `harmonicFill`, whose solution is the start. For thin holes: a wide one takes too many steps. */
export function biharmonicFill(problem: HarmonicProblem): void {
  harmonicFill(problem);
  const { width, channels, values, hole, cancelled } = problem;
  const plate = plateOver(problem);
  const count = plate.unknown.length;
  // What is known is the last one's, and stays 0.
  const solution = new Float64Array(count + 1);
  for (let c = 0; c < channels && !cancelled(); c++) {
    solution.fill(0);
    const bent = new Float64Array(plate.rows.length);
    for (const [row, pixel] of plate.rows.entries()) {
      let sum = 0;
      let neighbours = 0;
      for (const next of besides(pixel, { width, size: hole.length })) {
        sum += values[next * channels + c]!;
        neighbours++;
      }
      bent[row] = sum - neighbours * values[pixel * channels + c]!;
    }
    solvePlate(plate, { bent, solution, cancelled });
    for (let n = 0; n < count; n++) values[plate.unknown[n]! * channels + c]! += solution[n]!;
  }
}

/** The Laplacian's rows: of each pixel that is in the hole or beside it, the unknowns around it and how many neighbours it has. */
interface Plate {
  /** Pixels of the hole. */
  readonly unknown: Int32Array;
  /** Pixels whose Laplacian is to be small. */
  readonly rows: Int32Array;
  /** Four neighbours' and its own number among the unknown, a row; that of no pixel, one more than the last, where known or none. */
  readonly columns: Int32Array;
  readonly neighbours: Uint8Array;
}

const ENTRIES = 5;

function plateOver({ width, hole }: HarmonicProblem): Plate {
  const size = hole.length;
  const unknown: number[] = [];
  const numbers = new Map<number, number>();
  const rows = new Set<number>();
  for (let i = 0; i < size; i++) {
    if (hole[i] !== 1) continue;
    numbers.set(i, unknown.length);
    unknown.push(i);
    rows.add(i);
    for (const next of besides(i, { width, size })) rows.add(next);
  }
  const columns = new Int32Array(rows.size * ENTRIES).fill(unknown.length);
  const neighbours = new Uint8Array(rows.size);
  let row = 0;
  for (const pixel of rows) {
    for (const next of besides(pixel, { width, size })) {
      columns[row * ENTRIES + neighbours[row]!] = numbers.get(next) ?? unknown.length;
      neighbours[row]!++;
    }
    columns[row * ENTRIES + ENTRIES - 1] = numbers.get(pixel) ?? unknown.length;
    row++;
  }
  return { unknown: Int32Array.from(unknown), rows: Int32Array.from(rows), columns, neighbours };
}

/** Beyond the picture's edge the gradient is 0: that neighbour is left out. */
function besides(pixel: number, { width, size }: { width: number; size: number }): number[] {
  const x = pixel % width;
  const found: number[] = [];
  if (x > 0) found.push(pixel - 1);
  if (x + 1 < width) found.push(pixel + 1);
  if (pixel >= width) found.push(pixel - width);
  if (pixel + width < size) found.push(pixel + width);
  return found;
}

/** Conjugate gradients on the normal equations: the bend that `solution` adds is to cancel `bent`. */
function solvePlate(
  plate: Plate,
  options: {
    readonly bent: Float64Array;
    readonly solution: Float64Array;
    readonly cancelled: () => boolean;
  },
): void {
  const { bent, solution, cancelled } = options;
  const residual = new Float64Array(solution.length);
  const along = new Float64Array(solution.length);
  const image = new Float64Array(solution.length);
  const slope = new Float64Array(bent.length);
  for (let row = 0; row < bent.length; row++) slope[row] = -bent[row]!;
  spread(plate, { slope, to: residual });
  along.set(residual);
  let square = dot(residual, residual);
  const enough = square * TOLERANCE * TOLERANCE;
  for (let step = 0; step < MAX_STEPS && square > enough && square > 0 && !cancelled(); step++) {
    bend(plate, { values: along, to: slope });
    const length = square / dot(slope, slope);
    for (let n = 0; n < solution.length; n++) solution[n]! += length * along[n]!;
    const before = square;
    spread(plate, { slope, to: image });
    for (let n = 0; n < residual.length; n++) residual[n]! -= length * image[n]!;
    square = dot(residual, residual);
    for (let n = 0; n < along.length; n++) along[n] = residual[n]! + (square / before) * along[n]!;
  }
}

/** The Laplacian of values that are 0 where known. */
function bend(
  { columns, neighbours }: Plate,
  { values, to }: { values: Float64Array; to: Float64Array },
): void {
  for (let row = 0; row < to.length; row++) {
    let sum = 0;
    for (let entry = row * ENTRIES; entry < row * ENTRIES + ENTRIES - 1; entry++) {
      sum += values[columns[entry]!]!;
    }
    to[row] = sum - neighbours[row]! * values[columns[row * ENTRIES + ENTRIES - 1]!]!;
  }
}

/** Its transpose. */
function spread(
  { columns, neighbours }: Plate,
  { slope, to }: { slope: Float64Array; to: Float64Array },
): void {
  to.fill(0);
  for (let row = 0; row < slope.length; row++) {
    const value = slope[row]!;
    for (let entry = row * ENTRIES; entry < row * ENTRIES + ENTRIES - 1; entry++) {
      to[columns[entry]!]! += value;
    }
    to[columns[row * ENTRIES + ENTRIES - 1]!]! -= neighbours[row]! * value;
  }
  to[to.length - 1] = 0;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += a[n]! * b[n]!;
  return sum;
}
