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

/** A model's own size in one of the shapes: its sides are the model's, or half as long again. */
export function shapedSize(
  { resolution = usualSize }: Pick<ModelCapability, 'resolution'>,
  shape: PictureShape,
): PictureSize {
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

function takenSide(pixels: number): number {
  const whole = Math.round(pixels / generateSideMultiple) * generateSideMultiple;
  return Math.max(minGenerateSide, whole);
}
