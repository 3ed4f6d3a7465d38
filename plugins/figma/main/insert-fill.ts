import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { InsertRequest } from '../protocol/messages.ts';
import type { FillPlace } from '../protocol/place.ts';
import { boxOf, indexIn, isFrame, requireEditable } from './canvas-node.ts';
import { type Inserted, noteOf } from './inserted.ts';
import { isAbove } from './mask-and-picture.ts';
import { findLayer, type Parent, requireLayer } from './nodes.ts';
import { markResult, resultsOf } from './result-data.ts';
import { addToGroup, insertGroup, requireMask, type Slot } from './result-group.ts';

/** Units; sizes that differ by less are the same. */
const tolerance = 0.01;

/** A group right above the shape that was the mask, which is hidden, or above the picture where that covers the shape; or more variations in the group that is there. */
export async function insertFill(request: InsertRequest, place: FillPlace): Promise<Inserted> {
  const { name, recipe } = request;
  const pictures = request.results[0] ?? [];
  const picture = await requireLayer(place.pictureId, 'The picture of this result');
  const box = boxOf(picture)!;
  const { offset, scale } = place;
  const origin = { x: box.x + offset.x, y: box.y + offset.y };
  const content = { name, pictures, origin, scale };
  const [known] = await resultsOf(place);
  let group = known?.type === 'GROUP' ? known : undefined;
  if (group !== undefined) {
    requireEditable(group);
    addToGroup(group, content);
  } else {
    const mask = place.maskId === undefined ? undefined : await findLayer(place.maskId);
    // Below the picture nobody would see it.
    const isOver = mask !== undefined && isAbove(mask, picture);
    const slot = isOver ? slotAbove(mask) : slotOver(picture);
    group = insertGroup({ ...content, mask: requireMask(request.mask) }, slot);
    if (mask !== undefined) mask.visible = false;
  }
  const isKept = markResult(group, { recipe, place });
  return { nodes: [group], note: noteOf({ isKept, hasChanged: !hasSize(box, place) }) };
}

function hasSize(
  box: { readonly width: number; readonly height: number },
  { pictureSize }: FillPlace,
): boolean {
  return (
    Math.abs(box.width - pictureSize.width) < tolerance &&
    Math.abs(box.height - pictureSize.height) < tolerance
  );
}

function slotAbove(node: SceneNode): Slot {
  requireEditable(node);
  const parent = node.parent as Parent;
  return { parent, index: indexIn(parent as SceneNode, node) + 1 };
}

/** In a frame, or above an image. */
function slotOver(picture: SceneNode): Slot {
  if (!isFrame(picture)) return slotAbove(picture);
  requireEditable(picture);
  const parent = picture as Parent;
  return { parent, index: parent.children.length };
}
