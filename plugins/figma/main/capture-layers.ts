/** Layers that a drawing is to follow, as they look now, and where they lie in what is drawn. */
import type { Rect, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Bounds, Point, Size } from '../../shared/picture/geometry.ts';
import type { Captured, CapturedLayer, LayerToFollow } from '../protocol/messages.ts';
import type { PaintPlace } from '../protocol/place.ts';
import { exportScale, maxImageSide } from '../protocol/scale.ts';
import { boxOf, type CanvasNode, type ImagePaint, paintsOf } from './canvas-node.ts';
import { exportDrawn, keepImage } from './captured-images.ts';
import { imageSize } from './image-facts.ts';
import { imagePlacement } from './image-placement.ts';
import { requireLayer } from './nodes.ts';
import { isUpright, meet } from './page-geometry.ts';
import { refusal } from './refusal.ts';
import { exportBox } from './subjects.ts';
import { withShown } from './taken-as.ts';

/** What is worked on, on the page. */
interface PictureOnPage {
  readonly name: string;
  readonly box: Rect;
  /** Pixels of a unit. */
  readonly scale: Point;
  /** It is drawn from these pixels, not to them: of a new picture. */
  readonly isNew?: true;
}

/**
 * @param side Of a new picture: how many pixels its longer side will have.
 * Rejects with a `ClientError` where a layer is gone, or lies beside the picture.
 */
export async function captureLayers(
  layers: readonly LayerToFollow[],
  { captured, side }: { readonly captured: Captured; readonly side: number | undefined },
): Promise<readonly CapturedLayer[]> {
  if (layers.length === 0) return [];
  const picture = await pictureOnPage(captured, side);
  const taken: CapturedLayer[] = [];
  for (const { nodeId, name } of layers) {
    const layer = await requireLayer(nodeId, `“${name}”, which the drawing is to follow,`);
    taken.push(await captureLayer(layer, { picture, side }));
  }
  return taken;
}

async function captureLayer(
  layer: SceneNode,
  { picture, side }: { readonly picture: PictureOnPage | undefined; readonly side: number | undefined },
): Promise<CapturedLayer> {
  const nodeId = layer.id;
  if (picture === undefined) {
    const { bytes, pixels } = await exported(layer, scaleFor(exportBox(layer), side));
    const bounds: Bounds = { left: 0, top: 0, ...pixels };
    return { nodeId, image: keepImage(bytes), bounds, picture: pixels };
  }
  if (!meet(exportBox(layer), picture.box)) {
    throw refusal(
      `“${layer.name}”, which the drawing is to follow, does not lie over “${picture.name}”.`,
      'Move it there, or choose another picture under Controls.',
    );
  }
  const { box, scale, isNew } = picture;
  const taken = await exported(layer, Math.max(scale.x, scale.y));
  const bounds: Bounds = {
    left: whole((taken.origin.x - box.x) * scale.x),
    top: whole((taken.origin.y - box.y) * scale.y),
    width: whole((taken.pixels.width / taken.scale) * scale.x),
    height: whole((taken.pixels.height / taken.scale) * scale.y),
  };
  const size: Size = { width: box.width * scale.x, height: box.height * scale.y };
  return { nodeId, image: keepImage(taken.bytes), bounds, ...(isNew && { picture: size }) };
}

/** A layer that is far larger than the picture comes coarser: Figma would export it all. */
async function exported(layer: SceneNode, wanted: number) {
  const { width, height } = exportBox(layer);
  const scale = Math.min(wanted, maxImageSide / Math.max(width, height));
  return { ...(await withShown(layer, () => exportDrawn(layer, scale))), scale };
}

/** Nothing on the bare canvas: a layer is all of the picture there. */
async function pictureOnPage(
  captured: Captured,
  side: number | undefined,
): Promise<PictureOnPage | undefined> {
  const { place } = captured;
  switch (place.kind) {
    case 'fill':
    case 'expand': {
      const id = place.kind === 'fill' ? place.pictureId : place.nodeId;
      const node = await requireLayer(id, 'The picture');
      const { x, y } = boxOf(node)!;
      const { scale, offset } = place;
      const size = place.kind === 'fill' ? place.pictureSize : place.size;
      const inner = captured.kind === 'expand' ? captured.inner : undefined;
      const corner: Point = {
        x: x + offset.x + (inner?.left ?? 0) / scale,
        y: y + offset.y + (inner?.top ?? 0) / scale,
      };
      return { name: node.name, box: { ...corner, ...size }, scale: { x: scale, y: scale } };
    }
    case 'paint': {
      const node = await requireLayer(place.nodeId, 'The layer of this picture');
      return captured.kind === 'image' ? await imageOnPage(node, place) : newPicture(node, side);
    }
    case 'sketch':
      return newPicture(await requireLayer(place.nodeId, 'The frame of this sketch'), side);
    case 'canvas':
    case 'mockup':
      return undefined;
  }
}

function newPicture(node: CanvasNode, side: number | undefined): PictureOnPage {
  const box = exportBox(node);
  const scale = scaleFor(box, side);
  return { name: node.name, box, scale: { x: scale, y: scale }, isNew: true };
}

/** As for a sketch. */
function scaleFor({ width, height }: Size, side: number | undefined): number {
  return exportScale({ width, height }, side === undefined ? 1 : side / Math.max(width, height));
}

/** An image in its own pixels, all of it, whatever of it the layer shows. */
async function imageOnPage(node: CanvasNode, { imageHash = '' }: PaintPlace): Promise<PictureOnPage> {
  const corner = boxOf(node)!;
  const image = await imageSize(imageHash);
  const paint = paintsOf(node)?.find((other) => other.type === 'IMAGE' && other.imageHash === imageHash);
  const isTurned = node.absoluteTransform !== undefined && !isUpright(node.absoluteTransform);
  const placement =
    image && paint && !isTurned ? imagePlacement(paint as ImagePaint, { image, node: corner }) : undefined;
  if (image === undefined || placement === undefined) {
    throw refusal(
      `The image of “${node.name}” is rotated, so no layer can be laid over it.`,
      'Rotate it back to 0°, or follow a picture file.',
    );
  }
  const { x, y, width, height } = placement;
  return {
    name: node.name,
    box: { x: corner.x + x, y: corner.y + y, width, height },
    scale: { x: image.width / width, y: image.height / height },
  };
}

/** Without the rounding errors of a chain of factors. */
function whole(pixels: number): number {
  const nearest = Math.round(pixels);
  return Math.abs(pixels - nearest) < 1e-3 ? nearest : pixels;
}
