import { LanczosRowResampler } from '../image/lanczos.ts';
import { cellMeans } from './cell-means.ts';
import { type Pace, Pacer } from './pacer.ts';
import type { RgbImage } from './rgb-image.ts';

export interface TileOptions {
  /** How many times smaller the picture is made, each way; 1: it stays as it is. */
  readonly factor: number;
}

/**
 * The picture without its detail, which a tile ControlNet draws anew (ControlNet 1.1): made smaller by its mean colours, and
 * enlarged again with Lanczos.
 */
export async function tile(image: RgbImage, { factor }: TileOptions, pace: Pace): Promise<RgbImage> {
  const { width, height } = image;
  const smaller = (side: number) => Math.max(1, Math.round(side / factor));
  const grid = { width: smaller(width), height: smaller(height) };
  if (grid.width === width && grid.height === height) return image;
  const pacer = new Pacer(pace, { pixels: width * height, passes: 2 });
  const small = await cellMeans(image, grid, pacer);
  const resampler = new LanczosRowResampler({ input: small, output: { width, height }, channels: 3 });
  const data = new Uint8Array(image.data.length);
  let finished = 0;
  const rowLength = grid.width * 3;
  for (let y = 0; y < grid.height; y++) {
    const rows = resampler.push(small.data.subarray(y * rowLength, (y + 1) * rowLength));
    data.set(rows, finished);
    finished += rows.length;
    await pacer.turn(rows.length / 3);
  }
  return { width, height, channels: 3, data };
}
