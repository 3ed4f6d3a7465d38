/** What the document becomes with a job's pictures. */
import type { JobPicture } from '../../shared/client/client-job.ts';
import {
  addedBounds,
  type Bounds,
  boundsOf,
  expanded,
  intersect,
  isEmpty,
  type Margins,
  translate,
} from '../../shared/picture/geometry.ts';
import { titleOf, wordsOf } from '../../shared/store/diffusion-settings.ts';
import { operationNames } from '../../shared/store/operation-names.ts';
import type { Layer, LayerVariation } from '../document/layer.ts';
import {
  addLayer,
  expandCanvas,
  type PictureDocument,
  replacedBy,
  updateLayer,
  withSelection,
} from '../document/picture-document.ts';
import { cropRaster, rasterOf } from '../document/raster.ts';
import { Selection } from '../document/selection.ts';
import type { PendingJob } from './pending-job.ts';
import { noMargins } from './tools/expand-tool.ts';

/** The document with the pictures in their place: a layer on top, more variations of one, or a new picture altogether. */
export function withResult(
  document: PictureDocument,
  { job, pictures }: { readonly job: PendingJob; readonly pictures: readonly JobPicture[] },
): PictureDocument {
  const variations = pictures.filter(({ role }) => role === 'picture').map(variationOf);
  const [first] = variations;
  if (first === undefined) throw new RangeError('Expected at least one picture as the result, received none');
  const layer = document.layers.find(({ id }) => id === job.layerId);
  if (layer !== undefined) {
    return updateLayer(document, layer.id, {
      variations: [...layer.variations, ...newPartsOf(variations, layer)],
      shown: layer.variations.length,
    });
  }
  if (job.request.operation === 'upscale') return replacedBy(document, first.raster);
  switch (job.request.operation) {
    case 'expand':
      return withExpansion(document, { job, variations, margins: { ...noMargins, ...job.request } });
    case 'generate':
    case 'vary':
      return withDrawing(document, { job, variations });
    default:
      return withFilledSelection(document, { job, variations, pictures });
  }
}

interface Result {
  readonly job: PendingJob;
  readonly variations: readonly LayerVariation[];
}

/** The selection is put away with the layer made from it: undo brings it back. */
function withFilledSelection(
  document: PictureDocument,
  { job, variations, pictures }: Result & { readonly pictures: readonly JobPicture[] },
): PictureDocument {
  const { selection } = document;
  const { left, top, width, height } = pictures.find(({ role }) => role === 'picture')!;
  const bounds: Bounds = { left, top, width, height };
  const mask = pictures.find(({ role }) => role === 'mask')?.bytes ?? selection.crop(bounds);
  const layer = newLayer(document, { job, variations, bounds, mask, selected: selection });
  return withSelection(addLayer(document, layer), Selection.empty(document.size));
}

/** All of the canvas: nothing of what is below it is seen. */
function withDrawing(document: PictureDocument, { job, variations }: Result): PictureDocument {
  const bounds = boundsOf(document.size);
  const mask = new Uint8Array(bounds.width * bounds.height).fill(255);
  const selected = Selection.empty(document.size);
  return addLayer(document, newLayer(document, { job, variations, bounds, mask, selected }));
}

/** What was there before keeps its own bytes: the new layer is seen in the margins alone, and little else of it is kept. */
function withExpansion(
  document: PictureDocument,
  { job, variations, margins }: Result & { readonly margins: Margins },
): PictureDocument {
  const grown = expandCanvas(document, margins);
  const expandedFrom: Bounds = { left: margins.left, top: margins.top, ...document.size };
  const bounds = addedBounds(expandedFrom, margins);
  const layer = newLayer(grown, {
    job,
    variations: newPartsOf(variations, { bounds, expandedFrom }),
    bounds,
    mask: maskAround(expandedFrom, bounds),
    selected: Selection.empty(grown.size),
  });
  return addLayer(grown, { ...layer, expandedFrom });
}

/** Of an expansion's pictures, which are as large as the canvas was then, the part that its layer has; of others, all. */
function newPartsOf(
  variations: readonly LayerVariation[],
  { bounds, expandedFrom }: Pick<Layer, 'bounds' | 'expandedFrom'>,
): readonly LayerVariation[] {
  if (expandedFrom === undefined) return variations;
  return variations.map(({ raster, request }) => {
    const whole = expanded(expandedFrom, { ...noMargins, ...request });
    const inside = translate(bounds, { x: -whole.left, y: -whole.top });
    const isAll = inside.width === raster.width && inside.height === raster.height;
    return { raster: isAll ? raster : cropRaster(raster, inside), request };
  });
}

function newLayer(
  document: PictureDocument,
  { job, variations, bounds, mask, selected }: Result & Pick<Layer, 'bounds' | 'mask' | 'selected'>,
): Layer {
  const { operation } = job.request;
  const prompt = wordsOf(job.request)?.prompt;
  const sameKind = document.layers.filter((layer) => layer.operation === operation).length;
  return {
    id: job.id,
    name: prompt === undefined ? `${operationNames[operation]} ${sameKind + 1}` : titleOf(prompt),
    operation,
    bounds,
    variations,
    shown: 0,
    mask,
    selected,
    opacity: 1,
    isVisible: true,
  };
}

function variationOf({ bytes, width, height, request }: JobPicture): LayerVariation {
  return { raster: rasterOf(bytes, { width, height }), request };
}

/** 255 in `outer`, 0 in `inner`. */
function maskAround(inner: Bounds, outer: Bounds): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(outer.width * outer.height).fill(255);
  const kept = intersect(inner, outer);
  if (isEmpty(kept)) return mask;
  for (let y = kept.top; y < kept.top + kept.height; y++) {
    const from = (y - outer.top) * outer.width + kept.left - outer.left;
    mask.fill(0, from, from + kept.width);
  }
  return mask;
}
