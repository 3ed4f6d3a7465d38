import { cellMeans, cellsOf } from './cell-means.ts';
import { type Pace, Pacer } from './pacer.ts';
import type { RgbImage } from './rgb-image.ts';

export interface PaletteOptions {
  /** Of a cell, in pixels. */
  readonly cellSize: number;
}

/**
 * A coarse grid of the picture's colours, each cell of one colour: what T2I-Adapter's colour model (arXiv 2302.08453) was
 * trained with, at cells of 64 pixels; here the cell's mean.
 */
export async function palette(image: RgbImage, { cellSize }: PaletteOptions, pace: Pace): Promise<RgbImage> {
  const { width, height } = image;
  const pacer = new Pacer(pace, { pixels: width * height, passes: 2 });
  const cells = (side: number) => Math.max(1, Math.round(side / cellSize));
  const grid = { width: cells(width), height: cells(height) };
  const means = await cellMeans(image, grid, pacer);
  const columns = cellsOf(width, grid.width);
  const rows = cellsOf(height, grid.height);
  const data = new Uint8Array(image.data.length);
  await pacer.rows(image, (first, end) => {
    for (let y = first; y < end; y++) {
      for (let x = 0, to = y * width * 3; x < width; x++, to += 3) {
        const from = (rows[y]! * grid.width + columns[x]!) * 3;
        for (let c = 0; c < 3; c++) data[to + c] = means.data[from + c]!;
      }
    }
  });
  return { width, height, channels: 3, data };
}
