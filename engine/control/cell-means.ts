import type { Size } from '../image/bounds.ts';
import type { Pacer } from './pacer.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * The picture as a grid of its mean colours. Cells are whole pixels, so those of one grid differ by a pixel at most.
 *
 * @param grid No larger than the picture on either axis.
 */
export async function cellMeans(image: RgbImage, grid: Size, pacer: Pacer): Promise<RgbImage> {
  const columns = cellsOf(image.width, grid.width);
  const rows = cellsOf(image.height, grid.height);
  const sums = new Float64Array(grid.width * grid.height * 3);
  const counts = new Float64Array(grid.width * grid.height);
  await pacer.rows(image, (first, end) => {
    for (let y = first; y < end; y++) {
      for (let x = 0, from = y * image.width * 3; x < image.width; x++, from += 3) {
        const cell = rows[y]! * grid.width + columns[x]!;
        counts[cell]! += 1;
        for (let c = 0; c < 3; c++) sums[3 * cell + c]! += image.data[from + c]!;
      }
    }
  });
  const data = Uint8Array.from(sums, (sum, i) => Math.round(sum / counts[Math.floor(i / 3)]!));
  return { ...grid, channels: 3, data };
}

/** The cell that each of so many pixels is in. */
export function cellsOf(pixels: number, cells: number): Int32Array {
  return Int32Array.from({ length: pixels }, (_, i) => Math.floor((i * cells) / pixels));
}
