/** The pictures that a request's controls need, cut to what is sent. */
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import { ClientError } from '../client/client-error.ts';
import type { JobImage } from '../client/client-job.ts';
import type { Bounds, Size } from '../picture/geometry.ts';
import { controlImageIds, controlOutline } from '../store/control-images.ts';
import { coverPixels, type Drawable } from './control-pictures.ts';

export interface ControlJobImagesOptions {
  /** What the pictures are laid over. */
  readonly canvas: Size;
  /** The part of it that is sent. */
  readonly area: Bounds;
  readonly drawableOf: (imageId: string, canvas: Size) => Drawable | undefined;
}

/** Rejects with a `ClientError` where a picture is not here any more. */
export async function controlJobImages(
  request: JobRequest,
  { canvas, area, drawableOf }: ControlJobImagesOptions,
): Promise<readonly JobImage[]> {
  const images: JobImage[] = [];
  for (const { imageId, backdrop } of controlImageIds(request)) {
    const picture = drawableOf(imageId, canvas);
    if (picture === undefined) throw lostPictureError();
    const bytes = await coverPixels(picture, { canvas, area, backdrop });
    images.push({ ...controlOutline(imageId, area), bytes });
  }
  return images;
}

function lostPictureError(): ClientError {
  return new ClientError({
    code: 'no-control-image',
    message: 'A picture that the drawing is to follow is not here any more.',
    hint: 'Choose it again under Controls, or remove that control.',
  });
}
