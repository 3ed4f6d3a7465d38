/** Sizes for a picture drawn from words. */
import { generateSideMultiple, minGenerateSide } from '../../../bridge/protocol/limits.ts';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export const pictureShapes = ['square', 'wide', 'tall'] as const;
export type PictureShape = (typeof pictureShapes)[number];

/** Of a model of which the server says nothing. */
const usualSize: PictureSize = { width: 512, height: 512 };
/** A photo's. */
const longToShort = 3 / 2;

/** A model's own size in one of the shapes: of those that it proposes the one nearest to a photo's, else its sides, or half as long again. */
export function shapedSize(
  { resolution = usualSize, hints }: Pick<ModelCapability, 'resolution' | 'hints'>,
  shape: PictureShape,
): PictureSize {
  const proposed = hints?.sizes.filter((size) => shapeOf(size) === shape) ?? [];
  const [nearest] = [...proposed].sort((a, b) => farFromPhoto(a) - farFromPhoto(b));
  if (nearest !== undefined) return nearest;
  const short = takenSide(Math.min(resolution.width, resolution.height));
  const long = takenSide(short * longToShort);
  switch (shape) {
    case 'square':
      return { width: short, height: short };
    case 'wide':
      return { width: long, height: short };
    case 'tall':
      return { width: short, height: long };
  }
}

function shapeOf({ width, height }: PictureSize): PictureShape {
  if (width === height) return 'square';
  return width > height ? 'wide' : 'tall';
}

function farFromPhoto({ width, height }: PictureSize): number {
  return Math.abs(Math.max(width / height, height / width) - longToShort);
}

/** `1024 × 768` */
export function sizeWords({ width, height }: PictureSize): string {
  return `${width} × ${height}`;
}

export function isSameSize(a: PictureSize, b: PictureSize): boolean {
  return a.width === b.width && a.height === b.height;
}

function takenSide(pixels: number): number {
  const whole = Math.round(pixels / generateSideMultiple) * generateSideMultiple;
  return Math.max(minGenerateSide, whole);
}
