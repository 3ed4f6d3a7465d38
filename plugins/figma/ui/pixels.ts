/** Between image files and raw pixels, by the browser's own decoders. */

import { drawBands, eachBand } from '../../shared/browser/draw-bands.ts';
import type { Bounds, Size } from '../../shared/picture/geometry.ts';

/** Decodes PNG, JPEG, GIF or WebP. The caller closes the bitmap. Rejects for any other file. */
export function decodeImage(bytes: Uint8Array): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  });
}

/** The pixels of a part of an image, as `rgba8`. */
export async function readPixels(image: ImageBitmap, area: Bounds): Promise<Uint8Array> {
  return await drawBands(area, (band, context) => context.drawImage(image, -band.left, -band.top));
}

export type MaskChannel = 'alpha' | 'luminance';

export interface MaskImage {
  readonly image: ImageBitmap;
  /** Where it lies in the picture, in its pixels: floats. */
  readonly box: Bounds;
  readonly channel: MaskChannel;
}

/** How much of each pixel in an area of the picture is masked, as `gray8`; a shape that is see-through as a whole counts as solid. */
export async function readMask({ image, box, channel }: MaskImage, area: Bounds): Promise<Uint8Array> {
  const mask = new Uint8Array(area.width * area.height);
  const size = drawnSize(image, box);
  const isExact = isWhole(box) && size.width === image.width && size.height === image.height;
  await eachBand(area, (band, context) => {
    context.imageSmoothingEnabled = !isExact;
    context.drawImage(image, box.left - band.left, box.top - band.top, size.width, size.height);
    const { data } = context.getImageData(0, 0, band.width, band.height);
    const values = mask.subarray((band.top - area.top) * area.width);
    for (let i = 0; i < data.length / 4; i++) {
      const alpha = data[4 * i + 3]!;
      values[i] = channel === 'alpha' ? alpha : Math.round((data[4 * i]! * alpha) / 255);
    }
  });
  return channel === 'alpha' ? solid(mask) : mask;
}

/** Of its own pixels, unless those are clearly not the picture's. */
function drawnSize({ width, height }: Size, box: Bounds): Size {
  const isSame = Math.abs(width - box.width) < 2 && Math.abs(height - box.height) < 2;
  return isSame ? { width, height } : { width: box.width, height: box.height };
}

function isWhole({ left, top }: Bounds): boolean {
  return Number.isInteger(left) && Number.isInteger(top);
}

function solid(mask: Uint8Array): Uint8Array {
  let max = 0;
  for (let i = 0; i < mask.length; i++) max = Math.max(max, mask[i]!);
  if (max > 0 && max < 255)
    for (let i = 0; i < mask.length; i++) mask[i] = Math.round((mask[i]! * 255) / max);
  return mask;
}

/** A PNG that is white but for a black rectangle. */
export async function encodeFrameMask({ width, height }: Size, hole: Bounds): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#000';
  context.fillRect(hole.left, hole.top, hole.width, hole.height);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}
