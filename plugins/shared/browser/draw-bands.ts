/** Draws a picture in parts, so that the page goes on meanwhile and no canvas is larger than a browser allows. */
import type { Bounds } from '../picture/geometry.ts';
import { nextTask } from './next-task.ts';

/** Pixels drawn and read at one go: more would hold up a frame. */
const bandPixels = 2 ** 18;

/** All of an area as `rgba8`, from the top; `draw` is called for each band of it with an empty canvas of the band's size. */
export async function drawBands(
  area: Bounds,
  draw: (band: Bounds, context: OffscreenCanvasRenderingContext2D) => void,
): Promise<Uint8Array> {
  const pixels = new Uint8Array(area.width * area.height * 4);
  await eachBand(area, (band, context) => {
    draw(band, context);
    const { data } = context.getImageData(0, 0, band.width, band.height);
    pixels.set(data, (band.top - area.top) * area.width * 4);
  });
  return pixels;
}

/** From the top, on one empty canvas after the other, with time in between for what else waits. */
export async function eachBand(
  area: Bounds,
  action: (band: Bounds, context: OffscreenCanvasRenderingContext2D) => void,
): Promise<void> {
  const rows = Math.min(area.height, Math.max(1, Math.floor(bandPixels / area.width)));
  const canvas = new OffscreenCanvas(area.width, rows);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  for (let y = 0; y < area.height; y += rows) {
    if (y > 0) await nextTask();
    context.clearRect(0, 0, area.width, rows);
    action({ ...area, top: area.top + y, height: Math.min(rows, area.height - y) }, context);
  }
}
