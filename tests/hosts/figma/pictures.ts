/** Pictures for nodes, and the pixels of what is exported. */
import type { ImagePaint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import sharp from 'sharp';
import type { FigmaApp } from './figma-app.ts';

/** Straight RGBA. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

export async function pixelsOf(bytes: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

export function pixelAt({ width, data }: Pixels, x: number, y: number): readonly number[] {
  const at = (y * width + x) * 4;
  return [...data.subarray(at, at + 4)];
}

/** A PNG of raw RGB or grey samples. */
export async function pngOf({
  width,
  height,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}): Promise<Uint8Array> {
  const channels = (data.length / (width * height)) as 1 | 3 | 4;
  const png = await sharp(data, { raw: { width, height, channels } }).png().toBuffer();
  return Uint8Array.from(png);
}

/** Every pixel another colour. */
export function gradient(width: number, height: number): Pixels['data'] {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    data.set([(i % width) * 7, Math.floor(i / width) * 11, i % 251], i * 3);
  }
  return data;
}

/** Puts a picture into the file as the fill of a node that is as large as it is. */
export function imagePaint(
  app: FigmaApp,
  png: Uint8Array,
  scaleMode: ImagePaint['scaleMode'] = 'FILL',
): ImagePaint {
  return { type: 'IMAGE', scaleMode, imageHash: app.document.images.create(png).hash };
}
