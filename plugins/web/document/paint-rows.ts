import { type Bounds, union } from '../../shared/picture/geometry.ts';
import type { CoverageRow } from './polygon.ts';
import { isWhole, TILE_SIDE, type TileBytes, type TileEdit } from './selection-tile.ts';

/**
 * Brings rows of a shape nearer to `value` by their coverage; they lie in one row of tiles. A tile that they cover
 * throughout costs nothing but its look-up.
 */
export function paintRows(edit: TileEdit, rows: readonly CoverageRow[], value: 0 | 255): void {
  const area = rows.reduce<Bounds>(
    (bounds, { top, runs }) => {
      const left = runs[0]!.from;
      return union(bounds, { left, top, width: runs.at(-1)!.to - left, height: 1 });
    },
    { left: 0, top: 0, width: 0, height: 0 },
  );
  const coveredRows = countCoveredRows(rows);
  for (const place of edit.places(area)) {
    if (isWhole(place) && coveredRows.get(place.tile.left) === TILE_SIDE) {
      edit.fill(place, value);
      continue;
    }
    const { left, width, tile } = edit.open(place);
    for (const { top, runs } of rows) {
      const shift = (top - tile.top) * TILE_SIDE - tile.left;
      for (const run of runs) {
        const from = Math.max(run.from, left);
        const to = Math.min(run.to, left + width);
        if (from < to)
          paintRun(tile.bytes, { from: from + shift, to: to + shift, coverage: run.coverage, value });
      }
    }
  }
}

/** By the left edge of each tile that a row covers from edge to edge: how many rows do. */
function countCoveredRows(rows: readonly CoverageRow[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { runs } of rows) {
    for (const { from, to, coverage } of runs) {
      if (coverage < 255) continue;
      for (let left = Math.ceil(from / TILE_SIDE) * TILE_SIDE; left + TILE_SIDE <= to; left += TILE_SIDE) {
        counts.set(left, (counts.get(left) ?? 0) + 1);
      }
    }
  }
  return counts;
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly coverage: number;
  readonly value: 0 | 255;
}

function paintRun(bytes: TileBytes, { from, to, coverage, value }: Run): void {
  const most = 255 - coverage;
  if (coverage === 255) bytes.fill(value, from, to);
  else if (value === 0) {
    for (let i = from; i < to; i++) if (most < bytes[i]!) bytes[i] = most;
  } else {
    for (let i = from; i < to; i++) if (coverage > bytes[i]!) bytes[i] = coverage;
  }
}
