/** A frame as it looks, for a drawing that is to follow what was drawn in it. */
import { randomId } from '../../shared/client/random-id.ts';
import type { Captured } from '../protocol/messages.ts';
import type { SketchPlace } from '../protocol/place.ts';
import { exportScale } from '../protocol/scale.ts';
import { boxOf } from './canvas-node.ts';
import { exportPng, keepImage } from './captured-images.ts';
import { layerOf, pageAround, requireLayer } from './nodes.ts';
import { sketchSubject } from './subjects.ts';

/** @param side What the longer side of the drawing will have, in pixels. */
export async function captureSketch(
  place: SketchPlace | undefined,
  side: number | undefined,
): Promise<Extract<Captured, { readonly kind: 'sketch' }>> {
  const known = place && (await requireLayer(place.nodeId, 'The frame of this sketch'));
  const frame = layerOf(sketchSubject(known === undefined ? figma.currentPage.selection : [known]));
  const { width, height } = boxOf(frame)!;
  const size = { width, height };
  const scale = exportScale(size, side === undefined ? 1 : side / Math.max(width, height));
  const { bytes } = await exportPng(frame, scale);
  const newPlace: SketchPlace = {
    kind: 'sketch',
    id: randomId(),
    pageId: pageAround(frame)!.id,
    nodeId: frame.id,
    size,
  };
  return { kind: 'sketch', place: place ?? newPlace, size, frame: keepImage(bytes) };
}
