/** Pictures whose right continuation is known, and what a test asks of pixels. */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Raw } from '../sample-pictures.ts';
import type { Colour, PictureFile, Point } from './editor-page.ts';

export const photo: PictureFile = {
  name: 'launch-pad.jpg',
  mimeType: 'image/jpeg',
  buffer: readFileSync('docs/pictures/launch-pad.jpg'),
};

export const light: Colour = [220, 210, 190];
export const dark: Colour = [60, 90, 130];
export const red: Colour = [230, 40, 30];
const stripeHeight = 12;

/** Horizontal stripes, with a red disc on them where one is wanted. */
export function stripes(
  width: number,
  height: number,
  disc?: { readonly centre: Point; readonly radius: number },
): Raw {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    const stripe = Math.floor(y / stripeHeight) % 2 === 0 ? light : dark;
    for (let x = 0; x < width; x++, i += 3) {
      const isDisc =
        disc !== undefined && Math.hypot(x + 0.5 - disc.centre.x, y + 0.5 - disc.centre.y) <= disc.radius;
      data.set(isDisc ? red : stripe, i);
    }
  }
  return { width, height, data };
}

/** Grain that nothing repeats: each fill of it is another. */
export function grain(width: number, height: number): Raw {
  const data = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[i] = 64 + (state >>> 25);
  }
  return { width, height, data };
}

export async function pngFile(name: string, { width, height, data }: Raw): Promise<PictureFile> {
  const buffer = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return { name, mimeType: 'image/png', buffer };
}

export function pixel({ width, data }: Raw, { x, y }: Point): Colour {
  const at = (y * width + x) * 3;
  return [data[at] ?? -1, data[at + 1] ?? -1, data[at + 2] ?? -1];
}

/** The largest difference of a channel, at the pixels that `where` asks for. */
export function largestDifference(a: Raw, b: Raw, where: (point: Point) => boolean = () => true): number {
  let largest = 0;
  forPixels(a, (x, y, at) => {
    if (!where({ x, y })) return;
    for (let i = at; i < at + 3; i++) largest = Math.max(largest, Math.abs(a.data[i]! - b.data[i]!));
  });
  return largest;
}

/** The mean difference of a channel there. */
export function meanDifference(a: Raw, b: Raw, where: (point: Point) => boolean): number {
  let [sum, count] = [0, 0];
  forPixels(a, (x, y, at) => {
    if (!where({ x, y })) return;
    for (let i = at; i < at + 3; i++, count++) sum += Math.abs(a.data[i]! - b.data[i]!);
  });
  return sum / count;
}

function forPixels({ width, height }: Raw, visit: (x: number, y: number, at: number) => void): void {
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at += 3) visit(x, y, at);
}

/** Whether a pixel is within this many pixels of a line between two points. */
export function near(from: Point, to: Point, distance: number): (point: Point) => boolean {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  return ({ x, y }) => {
    const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
    const t = squared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
    return Math.hypot(px - t * dx, py - t * dy) <= distance;
  };
}
