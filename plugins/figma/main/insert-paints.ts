/** Results as the fill of a layer itself. */
import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { InsertRequest } from '../protocol/messages.ts';
import type { CanvasPlace, PaintPlace } from '../protocol/place.ts';
import { paintsOf, requireEditable } from './canvas-node.ts';
import { withEnlarged, withVariations } from './image-paints.ts';
import { type Inserted, noteOf } from './inserted.ts';
import { putUpright, requireLayer } from './nodes.ts';
import { refusal } from './refusal.ts';
import { markResult, pageOf } from './result-data.ts';

/** Any node that has fills. */
export type Filled = Extract<SceneNode, { fills: unknown }>;

/** In the place of the image that the results were made from, or above what fills are there. */
export async function insertPaints(request: InsertRequest, place: PaintPlace): Promise<Inserted> {
  const node = await requireLayer(place.nodeId, 'The layer of this result');
  requireEditable(node);
  const paints = paintsOf(node);
  if (paints === undefined || !('fills' in node)) {
    throw refusal(`“${node.name}” has no fill any more.`, 'Undo that, and insert the result again.');
  }
  const pictures = request.results[0] ?? [];
  (node as Filled).fills = place.replaces
    ? withEnlarged(paints, { place, picture: pictures[0]!, name: node.name })
    : withVariations(paints, { pictures, imageHash: place.imageHash });
  const isKept = markResult(node, { recipe: request.recipe, place });
  return { nodes: [node], note: noteOf({ isKept }) };
}

/** A new rectangle where the user was looking. */
export async function insertOnCanvas(request: InsertRequest, place: CanvasPlace): Promise<Inserted> {
  const page = (await pageOf(place))!;
  const pictures = request.results[0] ?? [];
  const { width, height } = pictures[0]!.bounds;
  const rectangle = figma.createRectangle();
  try {
    rectangle.name = request.name;
    rectangle.resize(width, height);
    if (page.id !== figma.currentPage.id) page.appendChild(rectangle);
    putUpright(rectangle, {
      x: Math.round(place.centre.x - width / 2),
      y: Math.round(place.centre.y - height / 2),
    });
    rectangle.fills = withVariations([], { pictures });
  } catch (error) {
    rectangle.remove();
    throw error;
  }
  const isKept = markResult(rectangle, { recipe: request.recipe, place });
  return { nodes: [rectangle], note: noteOf({ isKept }) };
}
