/** What the tests of picture-file.ts run in the browser. */
import { openPicture, savePicture } from '../../../../plugins/web/canvas/picture-file.ts';
import { PictureFileError } from '../../../../plugins/web/canvas/picture-file-types.ts';
import { noiseRaster } from '../document/arbitraries.ts';

const limits = { maxPixels: 1_000_000, maxSide: 2000 };

type Opened =
  | { readonly width: number; readonly height: number; readonly data: readonly number[] }
  | { readonly code: string; readonly message: string; readonly hint: string };

export async function open(bytes: readonly number[]): Promise<Opened> {
  try {
    const { width, height, data } = await openPicture(new Blob([Uint8Array.from(bytes)]), limits);
    return { width, height, data: [...data] };
  } catch (error) {
    if (!(error instanceof PictureFileError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

/** Of pictures too large to hand their pixels out. */
export async function openWidth(bytes: readonly number[]): Promise<number> {
  return (await openPicture(new Blob([Uint8Array.from(bytes)]), limits)).width;
}

/** The pixels that are not the same after saving as PNG and opening again. */
export async function roundTrip(width: number, height: number, isOpaque: boolean): Promise<number> {
  const raster = noiseRaster({ width, height }, width);
  if (isOpaque) for (let i = 3; i < raster.data.length; i += 4) raster.data[i] = 255;
  const file = await savePicture({ ...raster, data: raster.data.slice() }, { format: 'png', quality: 90 });
  const opened = await openPicture(file, { maxPixels: 1e9, maxSide: 32_000 });
  if (opened.width !== width || opened.height !== height) throw new Error('another size');
  let different = 0;
  for (let i = 0; i < raster.data.length; i++) if (opened.data[i] !== raster.data[i]) different++;
  return different;
}

/** A raster of one colour as a file, opened again: its type and first pixel. */
export async function saveFlat(
  color: readonly number[],
  format: 'png' | 'jpeg' | 'webp',
): Promise<{ readonly type: string; readonly pixel: readonly number[] }> {
  const data = new Uint8ClampedArray(16 * 16 * 4);
  for (let i = 0; i < data.length; i += 4) data.set(color, i);
  const file = await savePicture({ width: 16, height: 16, data }, { format, quality: 90 });
  const opened = await openPicture(file, limits);
  return { type: file.type, pixel: [...opened.data.subarray(0, 4)] };
}
