/** A large picture through the autoencoder in parts that lie over each other and fade into each other. */

import type { Size } from '../image/bounds.ts';
import { fadeInWeight, planTiles, type Tile, type TilePlan, type TileSpan } from '../image/tiles.ts';
import type { Tensor } from '../runtime/session.ts';

/**
 * All lengths in latent pixels. An autoencoder looks further than any overlap (its attention at all of a picture), and
 * norms each tile by itself: the fade hides what that changes.
 */
const tiling = { tileSize: 64, overlap: 16, trim: 4, multiple: 1 } as const;

/** Larger pictures, in latent pixels, are never taken whole: time and memory of the attention grow with the square. */
export const maxWholeLatentPixels = 128 * 128;

/** The tiles of a latent of that size. */
export function planVaeTiles(latent: Size): TilePlan {
  return planTiles(latent, tiling);
}

export interface TileRun {
  /** How many times as large as the latent is what goes in, and what comes out. */
  readonly inputScale: number;
  readonly outputScale: number;
  /** [1, channels, height, width] to [1, other channels, …]. */
  readonly run: (tile: Tensor) => Promise<Tensor>;
  /** Called after each tile. */
  readonly onTile?: (step: number, steps: number) => void;
}

/** What `run` makes of the whole of a value, tile by tile. */
export async function runTiled(
  input: Tensor,
  plan: TilePlan,
  { inputScale, outputScale, run, onTile }: TileRun,
): Promise<Tensor> {
  const { width, height } = plan.picture;
  let whole: Tensor | undefined;
  for (const [index, tile] of plan.tiles.entries()) {
    const result = await run(cut(input, tile, inputScale));
    const channels = result.shape[1]!;
    whole ??= {
      shape: [1, channels, height * outputScale, width * outputScale],
      data: new Float32Array(channels * height * width * outputScale ** 2),
    };
    addFaded(whole, result, { plan, tile, scale: outputScale });
    onTile?.(index + 1, plan.tiles.length);
  }
  return whole!;
}

function cut({ shape, data }: Tensor, { bounds }: Tile, scale: number): Tensor {
  const [, channels, fullHeight, fullWidth] = shape as [number, number, number, number];
  const width = bounds.width * scale;
  const height = bounds.height * scale;
  const part = new Float32Array(channels * height * width);
  for (let row = 0; row < channels * height; row++) {
    const [channel, y] = [Math.floor(row / height), row % height];
    const from = (channel * fullHeight + bounds.top * scale + y) * fullWidth + bounds.left * scale;
    part.set(data.subarray(from, from + width), row * width);
  }
  return { shape: [1, channels, height, width], data: part };
}

interface Placed {
  readonly plan: TilePlan;
  readonly tile: Tile;
  readonly scale: number;
}

/** Adds a tile's share of each sample: those of all tiles are 1 together. */
function addFaded(whole: Tensor, result: Tensor, { plan, tile, scale }: Placed): void {
  const [, channels, fullHeight, fullWidth] = whole.shape as [number, number, number, number];
  const [, , height, width] = result.shape as [number, number, number, number];
  const columns = shares(plan.columns[tile.column]!, scale);
  const rows = shares(plan.rows[tile.row]!, scale);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const rowShare = rows[y]!;
      if (rowShare === 0) continue;
      const from = (channel * height + y) * width;
      const to = (channel * fullHeight + tile.bounds.top * scale + y) * fullWidth + tile.bounds.left * scale;
      for (let x = 0; x < width; x++) {
        const share = rowShare * columns[x]!;
        if (share !== 0) whole.data[to + x]! += share * result.data[from + x]!;
      }
    }
  }
}

/** A tile's share of each place along one axis, from its start on. */
function shares({ input, fadeIn, fadeOut }: TileSpan, scale: number): Float32Array {
  const result = new Float32Array((input.end - input.start) * scale);
  for (let i = 0; i < result.length; i++) {
    const place = input.start * scale + i;
    const rising = place - fadeIn.start * scale;
    const falling = place - fadeOut.start * scale;
    const fadeInLength = (fadeIn.end - fadeIn.start) * scale;
    const fadeOutLength = (fadeOut.end - fadeOut.start) * scale;
    const before = rising < 0 ? 0 : rising < fadeInLength ? fadeInWeight(rising, fadeInLength) : 1;
    const after = falling < 0 ? 0 : falling < fadeOutLength ? fadeInWeight(falling, fadeOutLength) : 1;
    result[i] = before * (1 - after);
  }
  return result;
}
