/** Reads and writes picture files, in a worker: of large pictures it takes seconds. */
import type { Size } from '../../shared/picture/geometry.ts';
import { isOpaque, type Raster } from '../document/raster.ts';
import { PictureFileError, type PictureFileFormat, type PictureLimits } from './picture-file-types.ts';
import { HEADER_BYTES, type PictureHeader, readPictureHeader } from './picture-header.ts';
import { decodePng, encodePng, needsExactDecoder } from './png.ts';

/** What browsers themselves hold at most (Chromium: 16384 x 16384 pixels in one canvas; Firefox: 32767 a side). */
export const browserLimits: PictureLimits = { maxPixels: 16384 ** 2, maxSide: 32767 };

/** Side of the canvas through which a decoded picture is read: also phones have one as large. */
const READ_SIDE = 2048;

/**
 * Decodes a picture file as sRGB, turned as its EXIF orientation says. Pixels are exact for lossless opaque 8-bit files and
 * for PNG with alpha; 16-bit PNG is rounded to 8 bits. A file with a colour profile is converted to sRGB.
 *
 * @throws PictureFileError when it is not a picture, of a kind the browser cannot read, damaged, or over a limit.
 */
export async function decodePicture(file: Blob, limits: PictureLimits): Promise<Raster> {
  const header = readPictureHeader(new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()));
  if (!header && file.size === 0) {
    throw new PictureFileError(
      'damaged',
      'The file is empty.',
      'Choose another one, or save it again where it comes from.',
    );
  }
  if (header?.type === 'svg') {
    throw unsupported('SVG pictures are drawn from shapes and have no pixels to edit.');
  }
  if (header?.size) assertWithin(header.size, limits);
  const needsExact = header?.png !== undefined && needsExactDecoder(header.png);
  if (needsExact && header.png.bitDepth === 16) return decodeExactly(file);
  const bitmap = await decodeByBrowser(file, header);
  let raster: Raster;
  try {
    assertWithin(bitmap, limits);
    raster = readBitmap(bitmap);
  } finally {
    bitmap.close();
  }
  // Most pictures with an alpha channel are opaque all the same, and the browser reads those exactly, ten times as fast.
  return needsExact && !isOpaque(raster) ? decodeExactly(file) : raster;
}

async function decodeExactly(file: Blob): Promise<Raster> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return decodePng(bytes);
  } catch (cause) {
    throw damaged(cause);
  }
}

async function decodeByBrowser(file: Blob, header: PictureHeader | undefined): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image', colorSpaceConversion: 'default' });
  } catch (cause) {
    if (!header) {
      throw new PictureFileError(
        'not-a-picture',
        'This file is not a picture.',
        'Choose a JPEG, PNG, WebP, GIF or AVIF file.',
      );
    }
    if (header.type === 'heic' || header.type === 'tiff' || header.type === 'psd' || header.type === 'avif') {
      throw unsupported(`This browser cannot read ${header.type.toUpperCase()} pictures.`);
    }
    throw damaged(cause);
  }
}

function unsupported(message: string): PictureFileError {
  return new PictureFileError(
    'unsupported',
    message,
    'Save it as JPEG or PNG in the program it comes from, and open that.',
  );
}

function damaged(cause: unknown): PictureFileError {
  const error = new PictureFileError(
    'damaged',
    'The picture is damaged or was not downloaded to its end.',
    'Get the file again where it comes from, or open it in another program and save it anew.',
  );
  error.cause = cause;
  return error;
}

/** @throws PictureFileError naming the limit that is exceeded. */
function assertWithin({ width, height }: Size, limits: PictureLimits): void {
  const maxPixels = Math.min(limits.maxPixels, browserLimits.maxPixels);
  const maxSide = Math.min(limits.maxSide, browserLimits.maxSide);
  const received = `The picture is ${width} × ${height} pixels`;
  if (Math.max(width, height) > maxSide) {
    throw new PictureFileError(
      'too-large',
      `${received}; no side may be longer than ${maxSide} pixels.`,
      'Make it smaller or cut it in another program, and open that.',
    );
  }
  if (width * height > maxPixels) {
    const megapixels = (pixels: number) => (pixels / 1e6).toFixed(pixels < 1e7 ? 1 : 0);
    throw new PictureFileError(
      'too-large',
      `${received}, ${megapixels(width * height)} megapixels; at most ${megapixels(maxPixels)} can be edited.`,
      'Make it smaller in another program, and open that.',
    );
  }
}

/** Reads a bitmap's pixels in squares, so that no canvas is larger than any browser allows. */
function readBitmap(bitmap: ImageBitmap): Raster {
  const { width, height } = bitmap;
  const data = new Uint8ClampedArray(width * height * 4);
  const canvas = new OffscreenCanvas(Math.min(width, READ_SIDE), Math.min(height, READ_SIDE));
  const context = contextOf(canvas, { alpha: true });
  for (let top = 0; top < height; top += READ_SIDE) {
    for (let left = 0; left < width; left += READ_SIDE) {
      const [w, h] = [Math.min(READ_SIDE, width - left), Math.min(READ_SIDE, height - top)];
      context.clearRect(0, 0, w, h);
      context.drawImage(bitmap, left, top, w, h, 0, 0, w, h);
      const part = context.getImageData(0, 0, w, h).data;
      for (let y = 0; y < h; y++) {
        data.set(part.subarray(y * w * 4, (y + 1) * w * 4), ((top + y) * width + left) * 4);
      }
    }
  }
  return { width, height, data };
}

function contextOf(
  canvas: OffscreenCanvas,
  { alpha }: { readonly alpha: boolean },
): OffscreenCanvasRenderingContext2D {
  // In memory, not on the graphics card: it is read back, and must come back as it was put in.
  const context = canvas.getContext('2d', { alpha, willReadFrequently: true, colorSpace: 'srgb' });
  if (!context) throw new Error('This browser gave no canvas to work on: close other tabs and try again');
  return context;
}

/**
 * Encodes a picture as a file. PNG keeps every byte, alpha included. JPEG has no transparency: it is laid on white.
 *
 * @param options `quality` 1..100, of JPEG and WebP.
 * @throws PictureFileError when the browser cannot write the format or a picture of this size.
 */
export async function encodePicture(
  raster: Raster,
  { format, quality }: { readonly format: PictureFileFormat; readonly quality: number },
): Promise<Blob> {
  const opaque = isOpaque(raster);
  if (format === 'png' && !opaque) return encodePng(raster);
  const { width, height, data } = format === 'jpeg' && !opaque ? laidOnWhite(raster) : raster;
  const type = `image/${format}`;
  let blob: Blob | undefined;
  try {
    const canvas = new OffscreenCanvas(width, height);
    contextOf(canvas, { alpha: !opaque && format !== 'jpeg' }).putImageData(
      new ImageData(data, width, height),
      0,
      0,
    );
    blob = await canvas.convertToBlob({ type, quality: quality / 100 });
  } catch {
    // Too large for its canvas or for the format: told below, or PNG written without it.
  }
  // A browser that lacks a format answers with PNG.
  if (blob?.type === type) return blob;
  if (format === 'png') return encodePng(raster);
  throw new PictureFileError(
    'not-saved',
    `This browser cannot write a picture of ${width} × ${height} pixels as ${format === 'jpeg' ? 'JPEG' : 'WebP'}.`,
    'Download it as PNG.',
  );
}

function laidOnWhite({ width, height, data }: Raster): Raster {
  const opaque = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!;
    for (let c = i; c < i + 3; c++) {
      opaque[c] = Math.floor((data[c]! * alpha + 255 * (255 - alpha) + 127) / 255);
    }
    opaque[i + 3] = 255;
  }
  return { width, height, data: opaque };
}
