import type { UpscaleTask } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { Size } from '../image/bounds.ts';

/** Largest side of a result: PNG readers and editors stop at Photoshop's large document format. */
export const maxResultSide = 300_000;
/** Largest area of a result: a gigapixel. */
export const maxResultPixels = 2 ** 30;

/** The result's size in pixels. Throws `invalid-option` or `image-too-large`. */
export function upscaledSize(source: Size, target: UpscaleTask['target']): Size {
  const size =
    'scale' in target
      ? { width: Math.round(source.width * target.scale), height: Math.round(source.height * target.scale) }
      : { width: target.width, height: target.height };
  const { width, height } = size;
  if (!(width >= 1 && height >= 1)) {
    throw new EngineError(
      'invalid-option',
      `Expected a result of at least 1 x 1 px, received ${width} x ${height} px.`,
    );
  }
  if (Math.max(width, height) > maxResultSide || width * height > maxResultPixels) {
    throw new EngineError(
      'image-too-large',
      `Expected a result of at most ${maxResultSide} px a side and ${maxResultPixels} px in all, ` +
        `received ${width} x ${height} px (${width * height} px).`,
    );
  }
  return size;
}
