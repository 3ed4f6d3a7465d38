/** A control map as a rectangle over what it was made of. */
import type { Rect } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { InsertMapRequest } from '../protocol/messages.ts';
import { boxOf } from './canvas-node.ts';
import { insertOver } from './insert-sketch.ts';
import { putUpright, requireLayer } from './nodes.ts';
import { refusal } from './refusal.ts';
import { pageOf } from './result-data.ts';

/** Rejects with a `ClientError`; nothing has changed then. */
export async function insertMap(request: InsertMapRequest): Promise<void> {
  const page = await pageOf(request.place);
  if (page === undefined)
    throw refusal('The page of this map has been deleted.', 'Undo that, and try again.');
  const rectangle = await rectangleFor(request);
  const { imageHash } = request.image;
  rectangle.fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash }];
  if (page.id === figma.currentPage.id) figma.currentPage.selection = [rectangle];
  figma.commitUndo();
}

async function rectangleFor({ place, image, name }: InsertMapRequest) {
  switch (place.kind) {
    case 'fill':
    case 'expand': {
      const id = place.kind === 'fill' ? place.pictureId : place.nodeId;
      const picture = await requireLayer(id, 'The picture of this map');
      const rectangle = insertOver(picture, name);
      const corner = boxOf(picture)!;
      const { left, top, width, height } = image.bounds;
      const area: Rect = {
        x: corner.x + place.offset.x + left / place.scale,
        y: corner.y + place.offset.y + top / place.scale,
        width: width / place.scale,
        height: height / place.scale,
      };
      rectangle.resize(area.width, area.height);
      putUpright(rectangle, area);
      return rectangle;
    }
    case 'paint':
    case 'sketch':
      return insertOver(await requireLayer(place.nodeId, 'The layer of this map'), name);
    case 'canvas':
    case 'mockup': {
      const { width, height } = image.bounds;
      const { x, y } = figma.viewport.center;
      const rectangle = figma.createRectangle();
      rectangle.name = name;
      rectangle.resize(width, height);
      putUpright(rectangle, { x: Math.round(x - width / 2), y: Math.round(y - height / 2) });
      return rectangle;
    }
  }
}
