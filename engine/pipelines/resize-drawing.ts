import type { ModelReference } from '../api.ts';
import type { Size } from '../image/bounds.ts';
import type { Picture } from '../image/picture.ts';
import { resamplePicture } from '../image/resample.ts';
import type { PipelineContext } from './context.ts';
import { enlargePicture, useUpscaler } from './enlarge.ts';

/** From more than this enlargement on, along a side, Lanczos alone shows as blur beside what was there. */
export const maxLanczosEnlargement = 1.5;

export interface ResizeOptions {
  /** Without one, it is Lanczos whatever the enlargement. */
  readonly upscaler: ModelReference | undefined;
  readonly context: PipelineContext;
}

/** What a model drew, at the size that it is wanted in: by an upscaling network where that is much larger, else by Lanczos. */
export async function resizeDrawing(
  drawing: Picture,
  target: Size,
  { upscaler, context }: ResizeOptions,
): Promise<Picture> {
  const enlargement = Math.max(target.width / drawing.width, target.height / drawing.height);
  if (upscaler === undefined || enlargement <= maxLanczosEnlargement) return resamplePicture(drawing, target);
  return useUpscaler({ model: upscaler, picture: drawing, context }, (network) => {
    const { width, height } = target;
    return enlargePicture(drawing, network, { context, target: { width, height } });
  });
}
