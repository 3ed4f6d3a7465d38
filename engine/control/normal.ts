import { resamplePicture } from '../image/resample.ts';
import { estimateNearness, type Nearness } from './nearness.ts';
import { Pacer } from './pacer.ts';
import type { PreprocessServices } from './preprocess-services.ts';
import type { RgbImage } from './rgb-image.ts';

export interface NormalOptions {
  /** How far the nearest place is before the farthest, in longer sides of the picture. */
  readonly relief: number;
  /** What is less near than that, 0..1, counts as background: it faces the viewer. */
  readonly background: number;
}

/**
 * Which way each place faces, as ControlNet 1.1 takes it: red grows to the left, green upwards, blue towards the viewer, 0 and
 * 255 for -1 and 1. Made of the gradient of the nearness as the annotator of ControlNet's `normal` makes it of MiDaS's
 * (annotator/midas: Sobel, and flat where it is far).
 *
 * @throws what `estimateNearness` throws.
 */
export async function normal(
  image: RgbImage,
  options: NormalOptions,
  services: PreprocessServices,
): Promise<RgbImage> {
  services.onProgress?.(0, 1);
  const near = await estimateNearness(image, services);
  const { width, height } = near;
  // Enlarged as 16 bits, and made as long as a normal again.
  const enlarged = resamplePicture({ width, height, channels: 3, data: normalsOf(near, options) }, image);
  const data = new Uint8Array(image.width * image.height * 3);
  const pacer = new Pacer(services, { pixels: image.width * image.height, passes: 1 });
  await pacer.rows(image, (first, end) => {
    for (let at = first * image.width * 3; at < end * image.width * 3; at += 3) {
      const x = enlarged.data[at]! - middle;
      const y = enlarged.data[at + 1]! - middle;
      const z = enlarged.data[at + 2]! - middle;
      const scale = 127.5 / Math.max(1, Math.hypot(x, y, z));
      data[at] = Math.round(127.5 + x * scale);
      data[at + 1] = Math.round(127.5 + y * scale);
      data[at + 2] = Math.round(127.5 + z * scale);
    }
  });
  return { width: image.width, height: image.height, channels: 3, data };
}

const middle = 32767.5;

/**
 * Unit normals of a relief, x to the left, y upwards and z to the viewer, interleaved; -1..1 as 0..65535. The gradient is that
 * of 3 x 3 Sobel kernels, in sides of the picture; beyond its edges the picture goes on as its outermost pixels.
 */
export function normalsOf(
  { width, height, data }: Nearness,
  { relief, background }: NormalOptions,
): Uint16Array {
  const normals = new Uint16Array(width * height * 3);
  // Sobel's kernels give eight times the gradient.
  const scale = (relief * Math.max(width, height)) / 8;
  for (let y = 0; y < height; y++) {
    const above = Math.max(y - 1, 0) * width;
    const here = y * width;
    const below = Math.min(y + 1, height - 1) * width;
    for (let x = 0; x < width; x++) {
      const left = Math.max(x - 1, 0);
      const right = Math.min(x + 1, width - 1);
      const isFlat = data[here + x]! < background;
      const across = isFlat
        ? 0
        : scale *
          (data[above + right]! -
            data[above + left]! +
            2 * (data[here + right]! - data[here + left]!) +
            data[below + right]! -
            data[below + left]!);
      const down = isFlat
        ? 0
        : scale *
          (data[below + left]! -
            data[above + left]! +
            2 * (data[below + x]! - data[above + x]!) +
            data[below + right]! -
            data[above + right]!);
      const length = Math.hypot(across, down, 1);
      const at = (here + x) * 3;
      normals[at] = Math.round(middle * (1 + across / length));
      normals[at + 1] = Math.round(middle * (1 + down / length));
      normals[at + 2] = Math.round(middle * (1 + 1 / length));
    }
  }
  return normals;
}
