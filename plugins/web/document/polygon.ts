import type { Point, Size } from './geometry.ts';

/** Lines sampled in each row of pixels; along each the horizontal coverage is exact. */
const LINES_PER_ROW = 16;

/** One row of a shape: coverage 0..255 of the pixels from (left, top) to the right. */
export interface CoverageRow {
  readonly left: number;
  readonly top: number;
  readonly coverage: Uint8Array;
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
  // The change of coverage from pixel to pixel; two more than the canvas for spans that end at its edge.
  const changes = new Float64Array(width + 2);
  let active: Edge[] = [];
  let next = 0;
  for (let top = firstRow; top < lastRow; top++) {
    let [left, right] = [width, 0];
    for (let line = 0; line < LINES_PER_ROW; line++) {
      const y = top + (line + 0.5) / LINES_PER_ROW;
      while (next < edges.length && edges[next]!.y <= y) active.push(edges[next++]!);
      active = active.filter((edge) => edge.end > y);
      const crossings = active.map((edge) => edge.x + (y - edge.y) * edge.slope).sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.min(Math.max(crossings[i]!, 0), width);
        const to = Math.min(Math.max(crossings[i + 1]!, 0), width);
        if (to <= from) continue;
        addStep(changes, from, 1);
        addStep(changes, to, -1);
        left = Math.min(left, Math.floor(from));
        right = Math.max(right, Math.ceil(to));
      }
    }
    if (right <= left) continue;
    const coverage = new Uint8Array(right - left);
    let sum = 0;
    let from = left;
    // Most of a row is runs of one value, which fill() writes far faster than a loop.
    for (let x = left; x < right; x++) {
      if (changes[x] === 0) continue;
      if (sum > 0) coverage.fill(Math.round((sum * 255) / LINES_PER_ROW), from - left, x - left);
      sum += changes[x]!;
      from = x;
    }
    if (sum > 0) coverage.fill(Math.round((sum * 255) / LINES_PER_ROW), from - left);
    changes.fill(0, left, right + 2);
    yield { left, top, coverage };
  }
}

/** From `x` on coverage rises by `amount`: the pixel that `x` cuts gets its part, the next one the rest. */
function addStep(changes: Float64Array, x: number, amount: number): void {
  const pixel = Math.floor(x);
  const cut = x - pixel;
  changes[pixel]! += amount * (1 - cut);
  changes[pixel + 1]! += amount * cut;
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
