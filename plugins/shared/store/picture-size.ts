/** Sizes for a picture drawn from words. */
import { generateSideMultiple, minGenerateSide } from '../../../bridge/protocol/limits.ts';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export const pictureShapes = ['square', 'wide', 'tall'] as const;
export type PictureShape = (typeof pictureShapes)[number];

/** Of models whose file does not say what they were trained at. */
const usualSides = { sd1: 512, sd2: 768 } as const;
/** A photo's. */
const longToShort = 3 / 2;

/** A model's own size in one of the shapes: its sides are the model's, or half as long again. */
export function shapedSize(
  { resolution, family = 'sd1' }: Pick<ModelCapability, 'resolution' | 'family'>,
  shape: PictureShape,
): PictureSize {
  const side = usualSides[family];
  const { width, height } = resolution ?? { width: side, height: side };
  const short = takenSide(Math.min(width, height));
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
