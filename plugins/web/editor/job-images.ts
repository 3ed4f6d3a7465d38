/** What of the document travels to the engine with a job. */
import type { JobImage } from '../../shared/client/client-job.ts';
import { flattened } from '../document/composite.ts';
import { contextBounds } from '../document/context.ts';
import { type Bounds, boundsOf } from '../document/geometry.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { Selection } from '../document/selection.ts';
import type { JobTask } from './pending-job.ts';

/** The pictures that a task needs, cut from the document as it is. @throws RangeError when nothing is selected for a fill. */
export function jobImages(document: PictureDocument, { request, layerId }: JobTask): readonly JobImage[] {
  const index = document.layers.findIndex(({ id }) => id === layerId);
  const layer = document.layers[index];
  // Further variations of a layer are made of what lies below it.
  const below = layer === undefined ? document : { ...document, layers: document.layers.slice(0, index) };
  switch (request.operation) {
    case 'upscale':
      return [sourceOf(below, boundsOf(document.size))];
    case 'expand':
      return [sourceOf(below, layer?.expandedFrom ?? boundsOf(document.size))];
    default:
      return selectionImages(below, layer?.selected ?? document.selection);
  }
}

function selectionImages(document: PictureDocument, selection: Selection): readonly JobImage[] {
  const selected = selection.bounds();
  if (selected === null) throw new RangeError('Expected a selection to fill, found nothing selected');
  const area = contextBounds(selected, document.size);
  return [sourceOf(document, area), { role: 'mask', format: 'gray8', ...area, bytes: selection.crop(area) }];
}

function sourceOf(document: PictureDocument, area: Bounds): JobImage {
  const { data } = flattened(document, area);
  return { role: 'source', format: 'rgba8', ...area, bytes: new Uint8Array(data.buffer) };
}
