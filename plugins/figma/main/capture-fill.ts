/** A picture without what covers it, and the mask that says what of it is to be filled. */
import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Captured } from '../protocol/messages.ts';
import type { FillPlace } from '../protocol/place.ts';
import { type CanvasNode, isInside, requireEditable, topImage } from './canvas-node.ts';
import { exportPng, keepImage } from './captured-images.ts';
import { type FillFacts, fillFacts } from './fill-subject.ts';
import { imageBytes } from './image-facts.ts';
import { maskAndPicture, overlayOf, pictureBelow } from './mask-and-picture.ts';
import { findLayer, layerOf, pageAround, requireLayer } from './nodes.ts';
import { newPlaceId, resultsOf } from './result-data.ts';
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
  const mask = layerOf(facts.mask);
  const picture = await takePicture(facts, overlayOf(facts.mask, facts.picture));
  const shape = await withArea(mask, () => exportPng(mask, facts.scale));
  const place: FillPlace = { ...placeOfFill(facts, newPlaceId()), maskId: mask.id };
  return captured(facts, { place, picture, mask: shape, maskChannel: 'alpha' });
}

/** The mask of a result is still in its group. */
async function captureAgain(
  group: SceneNode & { readonly type: 'GROUP' },
  place: FillPlace,
): Promise<FillCapture> {
  requireEditable(group);
  const mask = group.children.find((child) => 'isMask' in child && child.isMask);
  const image = mask && topImage(mask);
  if (mask === undefined || image === undefined) {
    const shape = await requireLayer(place.maskId ?? '', 'The mask of this result');
    return await captureShape([shape]);
  }
  const known = await findLayer(place.pictureId);
  const isBelow = known !== undefined && (isInside(group, known) || known.parent?.id === group.parent?.id);
  const facts = await fillFacts({ mask, picture: isBelow ? known : pictureBelow(group) });
  const picture = await takePicture(facts, overlayOf(group, facts.picture));
  const bytes = await imageBytes(image.imageHash!, mask.name);
  const { maskId } = place;
  const again: FillPlace = {
    ...placeOfFill(facts, place.id),
    resultId: group.id,
    ...(maskId !== undefined && { maskId }),
  };
  return captured(facts, { place: again, picture, mask: bytes, maskChannel: 'luminance' });
}

function takePicture({ picture, scale }: FillFacts, overlay: readonly CanvasNode[]): Promise<Uint8Array> {
  return withHidden(overlay.map(layerOf), () => exportPng(layerOf(picture), scale));
}

function placeOfFill({ picture, pictureSize, scale }: FillFacts, id: string): FillPlace {
  const pageId = pageAround(layerOf(picture))!.id;
  return { kind: 'fill', id, pageId, pictureId: picture.id, pictureSize, scale };
}

interface Taken extends Pick<FillCapture, 'maskChannel'> {
  readonly place: FillPlace;
  readonly picture: Uint8Array;
  readonly mask: Uint8Array;
}

function captured({ maskBox }: FillFacts, { place, picture, mask, maskChannel }: Taken): FillCapture {
  return {
    kind: 'fill',
    place,
    picture: keepImage(picture),
    mask: keepImage(mask),
    maskBounds: maskBox,
    maskChannel,
  };
}
