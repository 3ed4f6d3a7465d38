/** Layers that a drawing is to follow, cut to the very area that is sent. */
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import type { JobImage } from '../../shared/client/client-job.ts';
import type { Bounds } from '../../shared/picture/geometry.ts';
import { type Backdrop, controlImageIds, controlOutline } from '../../shared/store/control-images.ts';
import type { Photoshop } from '../api/photoshop.ts';
import { findDocument, findLayer } from '../document/document-state.ts';
import { readPixels } from '../document/imaging.ts';
import { problem } from '../document/problem.ts';
import { controlPixels } from '../pixels/control-pixels.ts';
import type { HostPixels } from '../pixels/host-pixels.ts';
import type { PhotoshopPlace } from './place.ts';
import { layerIdPrefix } from './target.ts';

export const controlFormat = 'rgb8';

export interface ControlReading {
  readonly imageId: string;
  readonly backdrop: Backdrop;
  /** Nothing: the layer has none in the area. */
  readonly pixels: HostPixels | undefined;
}

/** In a modal scope. Rejects with a `ClientError` `layer-gone`. */
export async function readControls(
  { app, imaging }: Photoshop,
  request: JobRequest,
  { place: { documentId }, sent }: { readonly place: PhotoshopPlace; readonly sent: Bounds },
): Promise<readonly ControlReading[]> {
  const layers = findDocument(app, documentId)?.layers ?? [];
  const readings: ControlReading[] = [];
  for (const { imageId, backdrop } of controlImageIds(request)) {
    const layerId = Number(imageId.slice(layerIdPrefix.length));
    if (findLayer(layers, layerId) === undefined) throw problem('layer-gone');
    const pixels = await readPixels(imaging, { documentId, layerId, area: sent });
    readings.push({ imageId, backdrop, pixels });
  }
  return readings;
}

export async function controlImages(
  readings: readonly ControlReading[],
  area: Bounds,
): Promise<readonly JobImage[]> {
  const images: JobImage[] = [];
  for (const { imageId, backdrop, pixels } of readings) {
    const bytes = await controlPixels(pixels, { area, backdrop });
    images.push({ ...controlOutline(imageId, area, controlFormat), bytes });
  }
  return images;
}
