import { flattenInto } from '../document/composite.ts';
import type { PictureDocument } from '../document/picture-document.ts';

/** Of the longer side in pixels: coarse, but made within a frame whatever the picture's size. */
const PLACEHOLDER_SIDE = 320;

/** A small copy of a document, every so many pixels one: what is seen of it until its tiles are painted. */
export function placeholderOf(document: PictureDocument): OffscreenCanvas {
  const { width, height } = document.size;
  const step = Math.max(1, Math.max(width, height) / PLACEHOLDER_SIDE);
  const small = new ImageData(Math.max(1, Math.round(width / step)), Math.max(1, Math.round(height / step)));
  const row = new Uint8ClampedArray(width * 4);
  const to = new Uint32Array(small.data.buffer);
  const from = new Uint32Array(row.buffer);
  for (let y = 0; y < small.height; y++) {
    const top = Math.min(height - 1, Math.floor((y + 0.5) * step));
    flattenInto(row, document, { left: 0, top, width, height: 1 });
    for (let x = 0; x < small.width; x++) {
      to[y * small.width + x] = from[Math.min(width - 1, Math.floor((x + 0.5) * step))]!;
    }
  }
  const canvas = new OffscreenCanvas(small.width, small.height);
  canvas.getContext('2d')!.putImageData(small, 0, 0);
  return canvas;
}
