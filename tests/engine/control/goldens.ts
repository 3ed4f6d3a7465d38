/** What OpenCV made of the pictures of `tests/golden/control`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CannyOptions } from '../../../engine/control/canny.ts';
import { type RgbImage, toRgbImage } from '../../../engine/control/rgb-image.ts';
import { decode } from '../../../engine/image/codec.ts';

const file = path.join(import.meta.dirname, '../../golden/control/opencv.json');

interface Case {
  /** PNG in base64, as all pictures here. */
  readonly picture: string;
  readonly grey: string;
  /** Of the grey, 0..1: float32 in base64. */
  readonly blurred?: readonly { readonly sigma: number; readonly values: string }[];
  readonly canny: readonly (CannyOptions & { readonly map: string })[];
}

export const { cases: openCvCases } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly cases: readonly Case[];
};

export async function imageOf(base64: string): Promise<RgbImage> {
  return toRgbImage(await decode({ format: 'png', bytes: Buffer.from(base64, 'base64') }));
}
