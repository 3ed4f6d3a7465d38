import type { Point, Size } from '../../shared/picture/geometry.ts';

/** Lines sampled in each row of pixels; along each the horizontal coverage is exact. */
const LINES_PER_ROW = 16;

/** Pixels of one coverage, 1..255: from column `from` to before `to`. */
export interface CoverageRun {
  readonly from: number;
  readonly to: number;
  readonly coverage: number;
}

/** One row of a shape. Beside its runs, which go from left to right, nothing is covered. */
export interface CoverageRow {
  readonly top: number;
  readonly runs: readonly CoverageRun[];
}

interface Edge {
  readonly x: number;
  readonly y: number;
  /** dx / dy. */
  readonly slope: number;
  readonly end: number;
}

/**
 * The rows of a closed polygon cut to the canvas, filled even-odd: coverage by 16 lines a row, each exact in x, so that
 * edges on whole pixels are sharp and an edge of any slope has at least 16 levels.
 */
export function* polygonCoverage(points: readonly Point[], { width, height }: Size): Generator<CoverageRow> {
  const edges = edgesOf(points);
  if (edges.length === 0) return;
  const firstRow = Math.max(0, Math.floor(edges[0]!.y));
  const lastRow = Math.min(height, Math.ceil(edges.reduce((end, edge) => Math.max(end, edge.end), 0)));
  const row = new RowCoverage(width);
  const crossings: number[] = [];
  let active: Edge[] = [];
  let next = 0;
  for (let top = firstRow; top < lastRow; top++) {
    while (next < edges.length && edges[next]!.y < top + 1) active.push(edges[next++]!);
    active = active.filter((edge) => edge.end > top);
    for (let line = 0; line < LINES_PER_ROW; line++) {
      const y = top + (line + 0.5) / LINES_PER_ROW;
      crossings.length = 0;
      for (const edge of active) {
        if (edge.y <= y && y < edge.end) insert(crossings, edge.x + (y - edge.y) * edge.slope);
      }
      row.addLine(crossings);
    }
    const runs = row.takeRuns();
    if (runs.length > 0) yield { top, runs };
  }
}

/** Into sorted numbers: few, as a rule. */
function insert(sorted: number[], value: number): void {
  let at = sorted.length;
  for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
  sorted[at] = value;
}

/** Coverage of one row, by where it changes: the cost is that of the outline, not of what it encloses. */
class RowCoverage {
  readonly #width: number;
  /** The change of coverage from pixel to pixel; two more than the canvas for spans that end at its edge. */
  readonly #changes: Float64Array;
  /** Of the lines' first, second, … crossing: the leftmost and the rightmost pixel. The leftmost ones are in order. */
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];

  constructor(width: number) {
    this.#width = width;
    this.#changes = new Float64Array(width + 2);
  }

  /** Covers what lies between each first and second of the sorted `crossings`. */
  addLine(crossings: readonly number[]): void {
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.min(Math.max(crossings[i]!, 0), this.#width);
      const to = Math.min(Math.max(crossings[i + 1]!, 0), this.#width);
      this.#addStep(i, from, 1);
      this.#addStep(i + 1, to, -1);
    }
  }

  /** From `x` on coverage rises by `amount`: the pixel that `x` cuts gets its part, the next one the rest. */
  #addStep(index: number, x: number, amount: number): void {
    const pixel = Math.floor(x);
    const cut = x - pixel;
    this.#changes[pixel]! += amount * (1 - cut);
    this.#changes[pixel + 1]! += amount * cut;
    this.#firsts[index] = Math.min(this.#firsts[index] ?? pixel, pixel);
    this.#lasts[index] = Math.max(this.#lasts[index] ?? pixel, pixel);
  }

  /** What is covered; nothing is, afterwards. */
  takeRuns(): readonly CoverageRun[] {
    const changes = this.#changes;
    const runs: CoverageRun[] = [];
    let [sum, from, x] = [0, 0, 0];
    for (let i = 0; i < this.#firsts.length; i++) {
      for (x = Math.max(x, this.#firsts[i]!); x <= this.#lasts[i]! + 1; x++) {
        if (changes[x] === 0) continue;
        const coverage = Math.round((sum * 255) / LINES_PER_ROW);
        if (coverage > 0) runs.push({ from, to: x, coverage });
        sum += changes[x]!;
        changes[x] = 0;
        from = x;
      }
    }
    this.#firsts.length = 0;
    this.#lasts.length = 0;
    return runs;
  }
}

/** The sides that are not level, pointing down, by their upper end. */
function edgesOf(points: readonly Point[]): Edge[] {
  const edges: Edge[] = [];
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length]!;
    if (a.y === b.y) return;
    const [upper, lower] = a.y < b.y ? [a, b] : [b, a];
    edges.push({
      x: upper.x,
      y: upper.y,
      slope: (lower.x - upper.x) / (lower.y - upper.y),
      end: lower.y,
    });
  });
  return edges.sort((a, b) => a.y - b.y);
}
