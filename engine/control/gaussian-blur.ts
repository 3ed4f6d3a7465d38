import type { Size } from '../image/bounds.ts';
import type { Pacer } from './pacer.ts';

/** How often `gaussianBlur` goes over the pixels. */
export const gaussianPasses = 2;

/**
 * A plane of floats blurred, with the kernel's length and the edges of OpenCV's `GaussianBlur` for such planes: 4 sigma to
 * either side, and beyond the picture it is mirrored about its outermost pixels.
 *
 * @param sigma In pixels, above 0.
 */
export async function gaussianBlur(
  plane: Float32Array,
  { size, sigma, pacer }: { readonly size: Size; readonly sigma: number; readonly pacer: Pacer },
): Promise<Float32Array> {
  const { width, height } = size;
  const kernel = gaussianKernel(sigma);
  const radius = (kernel.length - 1) / 2;
  const across = new Float32Array(plane.length);
  const line = new Float32Array(width + 2 * radius);
  await pacer.rows(size, (first, end) => {
    for (let y = first; y < end; y++) {
      const row = y * width;
      for (let i = 0; i < line.length; i++) line[i] = plane[row + mirrored(i - radius, width)]!;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * line[x + k]!;
        across[row + x] = sum;
      }
    }
  });
  const blurred = new Float32Array(plane.length);
  await pacer.rows(size, (first, end) => {
    for (let y = first; y < end; y++) {
      const row = y * width;
      for (let k = 0; k < kernel.length; k++) {
        const weight = kernel[k]!;
        const from = mirrored(y + k - radius, height) * width;
        for (let x = 0; x < width; x++) blurred[row + x]! += weight * across[from + x]!;
      }
    }
  });
  return blurred;
}

function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.max(1, Math.round(4 * sigma));
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  return kernel.map((value) => value / total);
}

/** The index of a sample beyond the ends: 2 1 | 0 1 2 … (OpenCV's BORDER_REFLECT_101). */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((index % period) + period) % period;
  return within < length ? within : period - within;
}
