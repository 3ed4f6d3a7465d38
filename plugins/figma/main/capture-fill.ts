/** A picture without what covers it, and the mask that says what of it is to be filled. */

import type { GroupNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { randomId } from '../../shared/client/random-id.ts';
import type { Point } from '../../shared/picture/geometry.ts';
import type { Captured } from '../protocol/messages.ts';
import type { FillPlace } from '../protocol/place.ts';
import { boxOf, type CanvasNode, isInside, requireEditable, topImage } from './canvas-node.ts';
import { type Exported, exportDrawn, exportPng, keepImage } from './captured-images.ts';
import { type FillFacts, fillFacts } from './fill-subject.ts';
import { imageBytes } from './image-facts.ts';
import { maskAndPicture, overlayOf, pictureBelow } from './mask-and-picture.ts';
import { findLayer, layerOf, pageAround, requireLayer } from './nodes.ts';
import { pixelsOf } from './page-geometry.ts';
import { resultsOf } from './result-data.ts';
import { withArea, withHidden } from './taken-as.ts';

type FillCapture = Extract<Captured, { readonly kind: 'fill' }>;

/** Of what is selected, or once more where an earlier result is. */
export async function captureFill(place: FillPlace | undefined): Promise<FillCapture> {
  if (place === undefined) return await captureShape(figma.currentPage.selection);
  const [group] = await resultsOf(place);
  if (group?.type === 'GROUP') return await captureAgain(group, place);
  const mask = await requireLayer(place.maskId ?? '', 'The shape of this result');
  const picture = await requireLayer(place.pictureId, 'The picture of this result');
  return await captureShape([mask, picture]);
}

/** A shape's alpha is the mask. */
async function captureShape(selection: readonly CanvasNode[]): Promise<FillCapture> {
  const facts = await fillFacts(maskAndPicture(selection));
  const layer = layerOf(facts.mask);
  const picture = await takePicture(facts, overlayOf(facts.mask, facts.picture));
  const { bytes, origin, pixels } = await withArea(layer, () => exportDrawn(layer, facts.scale));
  const maskBox = { ...pixelsOf({ ...origin, width: 0, height: 0 }, gridOf(facts, picture)), ...pixels };
  const mask = { bytes, maskBox };
  const from = { id: randomId(), maskId: layer.id };
  return captured({ facts, picture, mask, from, maskChannel: 'alpha' });
}

/** The mask of a result is still in its group. */
async function captureAgain(group: GroupNode, place: FillPlace): Promise<FillCapture> {
  requireEditable(group);
  const layer = group.children.find((child) => 'isMask' in child && child.isMask);
  const image = layer && topImage(layer);
  if (layer === undefined || image === undefined) {
    return await captureShape([await requireLayer(place.maskId ?? '', 'The mask of this result')]);
  }
  const known = await findLayer(place.pictureId);
  const isBelow = known !== undefined && (isInside(group, known) || known.parent?.id === group.parent?.id);
  const facts = await fillFacts({ mask: layer, picture: isBelow ? known : pictureBelow(group) });
  const picture = await takePicture(facts, overlayOf(group, facts.picture));
  const mask = {
    bytes: await imageBytes(image.imageHash!, layer.name),
    maskBox: pixelsOf(boxOf(layer)!, gridOf(facts, picture)),
  };
  const { id, maskId } = place;
  const from = { id, resultId: group.id, ...(maskId !== undefined && { maskId }) };
  return captured({ facts, picture, mask, from, maskChannel: 'luminance' });
}

function takePicture({ picture, scale }: FillFacts, overlay: readonly CanvasNode[]): Promise<Exported> {
  return withHidden(overlay.map(layerOf), () => exportPng(layerOf(picture), scale));
}

/** The exported picture's own pixels. */
function gridOf(
  { scale }: FillFacts,
  { origin }: Exported,
): { readonly origin: Point; readonly scale: number } {
  return { origin, scale };
}

interface Taken extends Pick<FillCapture, 'maskChannel'> {
  readonly facts: FillFacts;
  readonly picture: Exported;
  readonly mask: Pick<FillCapture, 'maskBox'> & Pick<Exported, 'bytes'>;
  readonly from: Pick<FillPlace, 'id' | 'maskId' | 'resultId'>;
}

function captured({ facts, picture, mask, from, maskChannel }: Taken): FillCapture {
  const { scale, pictureSize, maskBounds } = facts;
  const { origin } = picture;
  const corner: Point = boxOf(facts.picture)!;
  const place: FillPlace = {
    kind: 'fill',
    ...from,
    pageId: pageAround(layerOf(facts.picture))!.id,
    pictureId: facts.picture.id,
    pictureSize,
    offset: { x: origin.x - corner.x, y: origin.y - corner.y },
    scale,
    maskBounds,
  };
  return {
    kind: 'fill',
    place,
    picture: keepImage(picture.bytes),
    mask: keepImage(mask.bytes),
    maskBox: mask.maskBox,
    maskChannel,
  };
}
