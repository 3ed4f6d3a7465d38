import type { Bounds } from '../../shared/picture/geometry.ts';

/** Pixels as the browser has them: straight RGBA, 8 bits a channel, sRGB, rows from the top. Never written after it is made. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** width * height * 4 bytes. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** A raster over the given bytes, which it takes over. @throws RangeError when they are not width * height * 4. */
export function rasterOf(
  bytes: Uint8ClampedArray<ArrayBuffer> | Uint8Array<ArrayBuffer>,
  { width, height }: { readonly width: number; readonly height: number },
): Raster {
  if (bytes.length !== width * height * 4) {
    throw new RangeError(
      `Expected ${width * height * 4} bytes for a raster of ${width} x ${height} px, received ${bytes.length}`,
    );
  }
  const data =
    bytes instanceof Uint8ClampedArray
      ? bytes
      : new Uint8ClampedArray(bytes.buffer, bytes.byteOffset, bytes.length);
  return { width, height, data };
}

/** A copy of the part of the raster inside `bounds`, which lie inside it. */
export function cropRaster(raster: Raster, bounds: Bounds): Raster {
  const { left, top, width, height } = bounds;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * raster.width + left) * 4;
    data.set(raster.data.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, data };
}

/** True when no pixel is even slightly transparent. */
export function isOpaque({ data }: Raster): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}
