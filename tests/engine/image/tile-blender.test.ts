import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Samples } from '../../../engine/image/picture.ts';
import { TileBlender } from '../../../engine/image/tile-blender.ts';
import {
  fadeInWeight,
  planTiles,
  type Tile,
  type TilePlan,
  type TileSpan,
} from '../../../engine/image/tiles.ts';

interface Run {
  readonly plan: TilePlan;
  readonly scale: number;
  readonly channels: number;
  readonly depth: 8 | 16;
}

const anyRun: fc.Arbitrary<Run> = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    tileSize: fc.constantFrom(8, 12, 16),
    overlap: fc.nat(4),
    trim: fc.nat(2),
    multiple: fc.constantFrom(1, 4),
    scale: fc.constantFrom(1, 2, 3, 4),
    channels: fc.constantFrom(1, 3, 4),
    depth: fc.constantFrom<8 | 16>(8, 16),
  })
  .map(({ width, height, tileSize, overlap: anyOverlap, trim, multiple, scale, channels, depth }) => {
    const overlap = Math.floor(anyOverlap / multiple) * multiple;
    const options = { tileSize, overlap, trim: Math.min(trim, Math.floor(overlap / 2)), multiple };
    return { plan: planTiles({ width, height }, options), scale, channels, depth };
  });

/** A tile's CHW output whose value at output pixel (x, y) is `valueAt`; NaN where the blender must not look. */
function tileOutput(
  tile: Tile,
  { plan, scale, channels }: Run,
  valueAt: (x: number, y: number, c: number) => number,
): Float32Array {
  const width = plan.input.width * scale;
  const height = plan.input.height * scale;
  const output = new Float32Array(channels * width * height).fill(Number.NaN);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < tile.bounds.height * scale; y++) {
      for (let x = 0; x < tile.bounds.width * scale; x++) {
        const value = valueAt(tile.bounds.left * scale + x, tile.bounds.top * scale + y, c);
        output[(c * height + y) * width + x] = value;
      }
    }
  }
  return output;
}

/** All rows the blender gives, in the order it gives them. */
function blend(run: Run, outputOf: (tile: Tile) => Float32Array): Samples {
  const blender = new TileBlender(run.plan, run);
  const { width, height } = run.plan.picture;
  const length = width * height * run.scale ** 2 * run.channels;
  const all = run.depth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  let offset = 0;
  for (const tile of run.plan.tiles) {
    const rows = blender.add(tile, outputOf(tile));
    assert.equal(rows !== null, tile.column === run.plan.columns.length - 1);
    if (rows === null) continue;
    assert.equal(rows.length % (width * run.scale * run.channels), 0);
    all.set(rows, offset);
    offset += rows.length;
  }
  assert.equal(offset, length);
  return all;
}

/** Any value in 0..1 that belongs to an output pixel, whichever tile shows it. */
function pattern(x: number, y: number, c: number): number {
  return ((x * 31 + y * 17 + c * 7) % 256) / 255;
}

function spanWeight(span: TileSpan, scale: number, x: number): number {
  const { fadeIn, fadeOut } = span;
  if (x < fadeIn.start * scale || x >= fadeOut.end * scale) return 0;
  if (x < fadeIn.end * scale)
    return fadeInWeight(x - fadeIn.start * scale, (fadeIn.end - fadeIn.start) * scale);
  if (x < fadeOut.start * scale) return 1;
  return 1 - fadeInWeight(x - fadeOut.start * scale, (fadeOut.end - fadeOut.start) * scale);
}

describe('TileBlender', () => {
  test('tiles that agree where they overlap give that picture bit for bit, every row once and in order', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const rows = blend(run, (tile) => tileOutput(tile, run, pattern));
        const width = run.plan.picture.width * run.scale;
        const max = 2 ** run.depth - 1;
        rows.forEach((value, i) => {
          const c = i % run.channels;
          const x = Math.floor(i / run.channels) % width;
          const y = Math.floor(i / run.channels / width);
          assert.equal(value, Math.round(Math.fround(pattern(x, y, c)) * max));
        });
      }),
    );
  });

  test('tiles that differ are mixed by the weights of the plan, and never within the trim', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const levelOf = (tile: Tile) => ((tile.row * 5 + tile.column * 3) % 11) / 10;
        const rows = blend(run, (tile) => tileOutput(tile, run, () => levelOf(tile)));
        const { plan, scale, channels } = run;
        const width = plan.picture.width * scale;
        const max = 2 ** run.depth - 1;
        rows.forEach((value, i) => {
          const x = Math.floor(i / channels) % width;
          const y = Math.floor(i / channels / width);
          let expected = 0;
          for (const tile of plan.tiles) {
            const across = spanWeight(plan.columns[tile.column]!, scale, x);
            const down = spanWeight(plan.rows[tile.row]!, scale, y);
            expected += across * down * levelOf(tile);
          }
          assert.ok(Math.abs(value - expected * max) <= 0.51 + max * 1e-6);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('values outside 0..1 are clipped', () => {
    const plan = planTiles({ width: 2, height: 1 }, { tileSize: 4, overlap: 0, trim: 0, multiple: 1 });
    const blender = new TileBlender(plan, { scale: 1, channels: 1, depth: 8 });
    assert.deepEqual([...blender.add(plan.tiles[0]!, Float32Array.of(-0.5, 1.5))!], [0, 255]);
  });
});
