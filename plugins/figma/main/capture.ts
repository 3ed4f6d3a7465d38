/** Takes what a job is made of, as it is now. Outside of its own moment nothing in the file is changed. */
import { randomId } from '../../shared/client/random-id.ts';
import type { Captured, CaptureRequest } from '../protocol/messages.ts';
import type { FigmaPlace, MockupPlace, PaintPlace } from '../protocol/place.ts';
import { boxOf, type CanvasNode } from './canvas-node.ts';
import { captureExpansion } from './capture-expansion.ts';
import { captureFill } from './capture-fill.ts';
import { captureLayers } from './capture-layers.ts';
import { captureSketch } from './capture-sketch.ts';
import { forgetImages, keepImage } from './captured-images.ts';
import { imageBytes, imageSize } from './image-facts.ts';
import { findLayer, layerOf, pageAround, requireLayer } from './nodes.ts';

import { fillable, imageSubject, mockupSubject } from './subjects.ts';

/** Rejects with a `ClientError` that says what to do. */
export async function capture(request: CaptureRequest): Promise<Captured> {
  forgetImages();
  const { layers = [], side } = request;
  const captured = await captureSubject(request);
  return { ...captured, layers: await captureLayers(layers, { captured, side }) };
}

async function captureSubject({ operation, margins, side, place }: CaptureRequest): Promise<Captured> {
  switch (operation) {
    case 'fill':
    case 'remove':
      return await captureFill(place?.kind === 'fill' ? place : undefined);
    case 'expand': {
      const none = { left: 0, top: 0, right: 0, bottom: 0 };
      return await captureExpansion({
        margins: margins ?? none,
        place: place?.kind === 'expand' ? place : undefined,
      });
    }
    case 'vary':
    case 'upscale':
      return await captureImage(operation === 'upscale', place?.kind === 'paint' ? place : undefined);
    case 'generate':
      return await captureEmptiness(place);
    case 'sketch':
      return await captureSketch(place?.kind === 'sketch' ? place : undefined, side);
    case 'mockup':
      return await captureMockup(place?.kind === 'mockup' ? place : undefined);
  }
}

/** The file of an image fill; of one that is varied once more, that of the image which it was. */
async function captureImage(replaces: boolean, place: PaintPlace | undefined): Promise<Captured> {
  const again = place?.replaces === replaces ? place : undefined;
  const known = again && (await requireLayer(again.resultId ?? again.nodeId, 'The layer of this result'));
  if (again?.imageHash !== undefined && known !== undefined && !replaces) {
    const picture = keepImage(await imageBytes(again.imageHash, known.name));
    return { kind: 'image', place: { ...again, nodeId: known.id }, picture };
  }
  const { node, paint } = imageSubject(known === undefined ? figma.currentPage.selection : [known]);
  const picture = keepImage(await imageBytes(paint.imageHash, node.name));
  const imageSizeNow = await imageSize(paint.imageHash);
  const newImage: PaintPlace = {
    ...newPlace('paint', node),
    nodeId: node.id,
    imageHash: paint.imageHash,
    ...(imageSizeNow !== undefined && { imageSize: imageSizeNow }),
    replaces,
  };
  return { kind: 'image', place: newImage, picture };
}

/** For a new picture there is a place, and nothing else. */
async function captureEmptiness(place: FigmaPlace | undefined): Promise<Captured> {
  if (place?.kind === 'paint' || place?.kind === 'canvas') {
    const id = place.resultId ?? (place.kind === 'paint' ? place.nodeId : undefined);
    const node = id === undefined ? undefined : await findLayer(id);
    if (node !== undefined)
      return emptyFill({ ...place, kind: 'paint', nodeId: node.id, replaces: false }, node);
    return { kind: 'generate', place, size: 'any-size' };
  }
  const node = fillable(figma.currentPage.selection);
  if (node !== undefined)
    return emptyFill({ ...newPlace('paint', node), nodeId: node.id, replaces: false }, node);
  const { x, y } = figma.viewport.center;
  return { kind: 'generate', place: { ...newPlace('canvas'), centre: { x, y } }, size: 'any-size' };
}

function emptyFill(place: PaintPlace, node: CanvasNode): Captured {
  const { width, height } = boxOf(node) ?? { width: 1, height: 1 };
  return { kind: 'generate', place, size: { width, height } };
}

/** Once more of the same frame, or, where that is gone, of the variation that is selected. */
async function captureMockup(place: MockupPlace | undefined): Promise<Captured> {
  const original = place && ((await findLayer(place.frameId)) ?? (await findLayer(place.resultId ?? '')));
  const { frame, placeholders } = mockupSubject(
    original === undefined ? figma.currentPage.selection : [original],
  );
  return { kind: 'mockup', place: { ...newPlace('mockup', frame), frameId: frame.id, placeholders } };
}

function newPlace<Kind extends FigmaPlace['kind']>(kind: Kind, node?: CanvasNode) {
  const page = (node && pageAround(layerOf(node))) ?? figma.currentPage;
  return { kind, id: randomId(), pageId: page.id };
}
