/** Takes out of a document what a job needs. Photoshop is modal only for as long as it takes to copy the pixels. */

import type { JobImage } from '../../shared/client/client-job.ts';
import { randomId } from '../../shared/client/random-id.ts';
import type { Capture, Order } from '../../shared/panel/editor-host.ts';
import { type Bounds, boundsOf, intersect, isEmpty } from '../../shared/picture/geometry.ts';
import { maskOutline } from '../../shared/store/sent-area.ts';
import type { ModalContext, Photoshop, PhotoshopDocument, PhotoshopLayer } from '../api/photoshop.ts';
import { canvasOf, findDocument, findLayer, readDocumentState } from '../document/document-state.ts';
import { boundsFrom, readLayerMask, readPixels, readSelection } from '../document/imaging.ts';
import { captureDelaysMs, inModalScope, withoutTrace } from '../document/modal.ts';
import { problem } from '../document/problem.ts';
import { type HostPixels, isBlank, maskPixels, sourcePixels } from '../pixels/host-pixels.ts';
import { type ControlReading, controlImages, readControls } from './control-capture.ts';
import { isSameSize, type PhotoshopPlace, parsePlace } from './place.ts';
import { requestFor, type Subject, sentOf, subjectOf } from './subject.ts';

const commandName = 'Inlay: reading pixels';

/** What is read in the modal scope; made into pictures for the server afterwards. */
interface Reading {
  readonly place: PhotoshopPlace;
  readonly sent: Bounds;
  readonly source: HostPixels | undefined;
  /** Of a selection. */
  readonly mask?: HostPixels;
  readonly controls: readonly ControlReading[];
}

type SubjectReading = Omit<Reading, 'controls'>;

/** Rejects with a `ClientError`. */
export async function capturePixels(photoshop: Photoshop, order: Order): Promise<Capture> {
  const read = (context: ModalContext) =>
    order.place === undefined
      ? readSelected(photoshop, order)
      : readAgain(photoshop, { order, place: parsePlace(order.place), context });
  const withControls = async (context: ModalContext): Promise<Reading> => {
    const reading = await read(context);
    return { ...reading, controls: await readControls(photoshop, order.request, reading) };
  };
  const options = { commandName, delaysMs: captureDelaysMs };
  const reading = await inModalScope(photoshop.core, options, withControls);
  const { place, sent, source, mask, controls } = reading;
  const pixels = await sourcePixels(source, sent);
  const images: JobImage[] = [{ role: 'source', ...sent, ...pixels }];
  if (place.kind === 'selection') {
    images.push({ ...maskOutline(sent), bytes: await maskPixels(mask, sent) });
  }
  images.push(...(await controlImages(controls, sent)));
  return { place, tasks: [{ request: requestFor(place, order.request), images }] };
}

async function readSelected(photoshop: Photoshop, order: Order): Promise<SubjectReading> {
  const { imaging } = photoshop;
  // Only now does nobody else change what is selected.
  const state = readDocumentState(photoshop);
  const subject = subjectOf(order, state);
  const { id: documentId, canvas } = state!;
  const place: PhotoshopPlace = { ...subject, id: randomId(), documentId, canvas };
  const sent = sentOf(subject, { ...order, canvas });
  const source = await readPixels(imaging, { documentId, area: sent, ...layerOf(subject) });
  switch (subject.kind) {
    case 'selection': {
      const mask = await readSelection(imaging, { documentId, area: sent });
      if (mask === undefined || isBlank(mask)) throw problem('nothing-selected');
      return { place, sent, source, mask };
    }
    case 'layer':
      if (source === undefined) throw problem('layer-empty');
      return { place, sent, source };
    default:
      return { place, sent, source };
  }
}

interface AgainOptions {
  readonly order: Order;
  readonly place: PhotoshopPlace;
  readonly context: ModalContext;
}

/** What is below and around an earlier result, without that. */
async function readAgain(
  photoshop: Photoshop,
  { order, place, context }: AgainOptions,
): Promise<SubjectReading> {
  const { app, imaging } = photoshop;
  const { documentId } = place;
  const document = findDocument(app, documentId);
  if (document === undefined) throw problem('document-closed');
  const canvas = canvasOf(document);
  const group = place.groupId === undefined ? undefined : findLayer(document.layers, place.groupId);
  const holder = place.kind === 'selection' ? maskHolder(group) : undefined;
  const now: PhotoshopPlace = { ...place, canvas, area: areaNow(place, { document, holder }) };
  const sent = sentOf(now, { ...order, canvas });
  const mask = holder && (await readLayerMask(imaging, { documentId, layerId: holder.id, area: sent }));
  if (holder !== undefined && (mask === undefined || isBlank(mask))) throw problem('result-gone');
  const read = () => readPixels(imaging, { documentId, area: sent, ...layerOf(now) });
  const source = await (group === undefined || place.kind === 'layer'
    ? read()
    : whileHidden(group, { context, document }, read));
  return { place: now, sent, source, ...(mask !== undefined && { mask }) };
}

/** The layer whose mask says what was selected. */
function maskHolder(group: PhotoshopLayer | undefined): PhotoshopLayer {
  const [first] = group?.layers ?? [];
  if (first === undefined) throw problem('result-gone');
  return first;
}

/** Where it is now: layers may have been moved, and the canvas changed. */
function areaNow(
  place: PhotoshopPlace,
  { document, holder }: { readonly document: PhotoshopDocument; readonly holder: PhotoshopLayer | undefined },
): Bounds {
  const canvas = canvasOf(document);
  switch (place.kind) {
    case 'selection': {
      // See-through edges are not among its bounds: what is sent around them has the mask there too.
      const area = holder && intersect(boundsFrom(holder.boundsNoEffects), boundsOf(canvas));
      if (area === undefined || isEmpty(area)) throw problem('result-gone');
      return area;
    }
    case 'layer': {
      const layer = findLayer(document.layers, place.layerId);
      if (layer === undefined) throw problem('layer-gone');
      const area = boundsFrom(layer.boundsNoEffects);
      if (isEmpty(area)) throw problem('layer-empty');
      return area;
    }
    case 'document':
      return boundsOf(canvas);
    case 'expansion':
      if (!isSameSize(canvas, place.canvas)) throw problem('document-changed');
      return place.area;
  }
}

function whileHidden<Value>(
  layer: PhotoshopLayer,
  { context, document }: { readonly context: ModalContext; readonly document: PhotoshopDocument },
  work: () => Promise<Value>,
): Promise<Value> {
  const { visible } = layer;
  return withoutTrace(context, { documentId: document.id, name: commandName }, async () => {
    layer.visible = false;
    try {
      return await work();
    } finally {
      // Whether a layer is seen is no step of the history for everybody.
      layer.visible = visible;
    }
  });
}

function layerOf(subject: Subject): { readonly layerId?: number } {
  return subject.kind === 'layer' ? { layerId: subject.layerId } : {};
}
