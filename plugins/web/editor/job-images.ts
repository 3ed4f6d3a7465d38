/** What of the document travels to the engine with a job. */
import { controlJobImages } from '../../shared/browser/control-job-images.ts';
import type { Drawable } from '../../shared/browser/control-pictures.ts';
import { nextTask } from '../../shared/browser/next-task.ts';
import type { JobImage } from '../../shared/client/client-job.ts';
import { type Bounds, boundsOf, type Size } from '../../shared/picture/geometry.ts';
import { maskOutline, sentArea, sourceOutline } from '../../shared/store/sent-area.ts';
import { flattenInto } from '../document/composite.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { JobTask } from './pending-job.ts';

/** Flattened at one go: more would hold up a frame. */
const bandPixels = 2 ** 21;

export interface JobImagesOptions {
  /** The longer side that the model was trained at, where a model draws. */
  readonly modelSide?: number | undefined;
  /** What a control follows, by its id. */
  readonly drawableOf?: (imageId: string) => Drawable | undefined;
}

/**
 * The pictures that a task needs, cut from the document as it is, in steps that leave the page time for others. Rejects with
 * a RangeError when nothing is selected for a fill.
 */
export async function jobImages(
  document: PictureDocument,
  { request, layerId }: JobTask,
  { modelSide, drawableOf = () => undefined }: JobImagesOptions = {},
): Promise<readonly JobImage[]> {
  const index = document.layers.findIndex(({ id }) => id === layerId);
  const layer = document.layers[index];
  // Further variations of a layer are made of what lies below it.
  const below = layer === undefined ? document : { ...document, layers: document.layers.slice(0, index) };
  const controls = (canvas: Size, area: Bounds) => controlJobImages(request, { canvas, area, drawableOf });
  switch (request.operation) {
    case 'upscale':
    case 'vary':
    case 'control-map': {
      const area = boundsOf(document.size);
      return [await sourceOf(below, area), ...(await controls(document.size, area))];
    }
    case 'generate': {
      const { width = 0, height = 0 } = request;
      return await controls({ width, height }, boundsOf({ width, height }));
    }
    case 'expand': {
      const area = layer?.expandedFrom ?? boundsOf(document.size);
      return [await sourceOf(below, area), ...(await controls(document.size, area))];
    }
    default: {
      const selection = layer?.selected ?? document.selection;
      const selected = selection.bounds();
      if (selected === null) throw new RangeError('Expected a selection to fill, found nothing selected');
      const area = sentArea(request, { selected, canvas: document.size, modelSide });
      const mask: JobImage = { ...maskOutline(area), bytes: selection.crop(area) };
      return [await sourceOf(below, area), mask, ...(await controls(document.size, area))];
    }
  }
}

async function sourceOf(document: PictureDocument, area: Bounds): Promise<JobImage> {
  const { left, top, width, height } = area;
  const bytes = new Uint8Array(width * height * 4);
  const rows = Math.max(1, Math.floor(bandPixels / width));
  for (let y = 0; y < height; y += rows) {
    if (y > 0) await nextTask();
    const band = { left, top: top + y, width, height: Math.min(rows, height - y) };
    flattenInto(bytes.subarray(y * width * 4, (y + band.height) * width * 4), document, band);
  }
  return { ...sourceOutline(area), bytes };
}
