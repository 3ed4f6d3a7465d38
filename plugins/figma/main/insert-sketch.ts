/** Pictures that were drawn over a frame: a rectangle of the frame's place and size right above it, which itself is left as it is. */
import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { InsertRequest } from '../protocol/messages.ts';
import type { SketchPlace } from '../protocol/place.ts';
import { boxOf, indexIn, paintsOf, requireEditable } from './canvas-node.ts';
import { withVariations } from './image-paints.ts';
import type { Filled } from './insert-paints.ts';
import { type Inserted, noteOf } from './inserted.ts';
import { type Parent, putUpright, requireLayer } from './nodes.ts';
import { markResult, resultsOf } from './result-data.ts';
import { hasAutoLayout } from './subjects.ts';

export async function insertSketch(request: InsertRequest, place: SketchPlace): Promise<Inserted> {
  const { recipe } = request;
  const pictures = request.results[0] ?? [];
  const [known] = await resultsOf(place);
  const paints = known && paintsOf(known);
  if (known !== undefined && paints !== undefined) {
    requireEditable(known);
    (known as Filled).fills = withVariations(paints, { pictures });
    return { nodes: [known], note: noteOf({ isKept: markResult(known, { recipe, place }) }) };
  }
  const frame = await requireLayer(place.nodeId, 'The frame of this sketch');
  const rectangle = insertOver(frame, request.name);
  try {
    rectangle.fills = withVariations([], { pictures });
  } catch (error) {
    rectangle.remove();
    throw error;
  }
  return { nodes: [rectangle], note: noteOf({ isKept: markResult(rectangle, { recipe, place }) }) };
}

/** An upright rectangle over a layer's box. What lays out its layers by itself gets none: it would move them all. */
export function insertOver(node: SceneNode, name: string) {
  const { x, y, width, height } = boxOf(node)!;
  let below = node;
  while (below.parent !== null && below.parent.type !== 'PAGE' && hasAutoLayout(below.parent)) {
    below = below.parent as SceneNode;
  }
  requireEditable(below);
  const rectangle = figma.createRectangle();
  try {
    const parent = below.parent as Parent;
    rectangle.name = name;
    rectangle.resize(width, height);
    parent.insertChild(indexIn(parent as SceneNode, below) + 1, rectangle);
    putUpright(rectangle, { x, y });
  } catch (error) {
    rectangle.remove();
    throw error;
  }
  return rectangle;
}
