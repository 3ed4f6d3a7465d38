import type { Bounds } from '../../shared/picture/geometry.ts';
import type { Selection } from '../document/selection.ts';

/** A mask of more pixels would hold up the page at each preview. */
const maxMaskedPixels = 2 ** 22;

export interface MaskedPreviewOptions {
  /** Where the image belongs, in document pixels. */
  readonly bounds: Bounds;
  readonly selection: Selection;
}

/** What of the image lies in the selection: around it the picture stays as it is. All of it where that would be too much. */
export function maskedPreview(
  image: ImageBitmap,
  { bounds, selection }: MaskedPreviewOptions,
): CanvasImageSource {
  const { width, height } = bounds;
  if (width * height > maxMaskedPixels) return image;
  const mask = selection.crop(bounds);
  const alpha = new ImageData(width, height);
  for (let i = 0; i < mask.length; i++) alpha.data[i * 4 + 3] = mask[i]!;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.putImageData(alpha, 0, 0);
  context.globalCompositeOperation = 'source-in';
  context.drawImage(image, 0, 0, width, height);
  return canvas;
}
