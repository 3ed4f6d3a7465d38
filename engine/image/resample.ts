import { reduceByArea } from './area.ts';
import type { Size } from './bounds.ts';
import { LanczosRowResampler } from './lanczos.ts';
import type { Mask, Picture } from './picture.ts';

/** From this reduction on, on both axes, a mean over the area: as good to look at there, at a fraction of the cost. */
export const AREA_REDUCTION = 4;

/**
 * The picture at another size, both axes by themselves: Lanczos-3, or the mean over the area for large reductions.
 * Sample centres stay in proportion, so that a picture sent to a size and back lies exactly where it was. The same
 * size gives the same picture, bit for bit.
 */
export function resamplePicture(picture: Picture, { width, height }: Size): Picture {
  if (picture.width === width && picture.height === height) return picture;
  const reduction = Math.min(picture.width / width, picture.height / height);
  if (reduction >= AREA_REDUCTION) return reduceByArea(picture, { width, height });
  const { channels } = picture;
  const resampler = new LanczosRowResampler({ input: picture, output: { width, height }, channels });
  return { ...picture, width, height, data: resampler.push(picture.data) };
}

/**
 * The mask at another size so that nothing falls through: each pixel takes the largest value among those it touches.
 * A pixel of the mask so has its value or more wherever it lies at the new size; a single one is never lost. The same
 * size gives the same mask.
 */
export function resampleMask(mask: Mask, { width, height }: Size): Mask {
  if (mask.width === width && mask.height === height) return mask;
  const columns = touched(mask.width, width);
  const rows = touched(mask.height, height);
  const data = new Uint8Array(width * height);
  const line = new Uint8Array(mask.width);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let from = rows.starts[y]!; from < rows.ends[y]!; from++) {
      const rowStart = from * mask.width;
      for (let x = 0; x < mask.width; x++) line[x] = Math.max(line[x]!, mask.data[rowStart + x]!);
    }
    for (let x = 0; x < width; x++) {
      let most = 0;
      for (let from = columns.starts[x]!; from < columns.ends[x]!; from++) most = Math.max(most, line[from]!);
      data[y * width + x] = most;
    }
  }
  return { width, height, data };
}

/** Which input samples each output sample shares any length with: [start, end). */
function touched(input: number, output: number): { readonly starts: Int32Array; readonly ends: Int32Array } {
  const starts = new Int32Array(output);
  const ends = new Int32Array(output);
  for (let i = 0; i < output; i++) {
    starts[i] = Math.floor((i * input) / output);
    ends[i] = Math.ceil(((i + 1) * input) / output);
  }
  return { starts, ends };
}
