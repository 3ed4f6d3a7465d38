import type {
  ComponentNode,
  FrameNode,
  GroupNode,
  SceneNode,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Margins } from '../../shared/picture/geometry.ts';
import type { InsertRequest } from '../protocol/messages.ts';
import type { ExpandPlace } from '../protocol/place.ts';
import { boxOf, indexIn, requireEditable } from './canvas-node.ts';
import { type Inserted, noteOf } from './inserted.ts';
import { moveTo, type Parent, requireLayer } from './nodes.ts';
import { marginUnits } from './page-geometry.ts';
import { refusal } from './refusal.ts';
import { markResult, resultsOf } from './result-data.ts';
import { addToGroup, type GroupContent, insertGroup, requireMask } from './result-group.ts';
import { expandable } from './subjects.ts';

/** Units; sizes that differ by less are the same. */
const tolerance = 0.01;

/** A group behind what was there: in a frame, which grows, at the bottom; of an image right below it. */
export async function insertExpansion(request: InsertRequest, place: ExpandPlace): Promise<Inserted> {
  const { name, recipe } = request;
  const pictures = request.results[0] ?? [];
  const node = await requireLayer(place.nodeId, 'What was to be expanded');
  const { scale } = place;
  const units = marginUnits(place.margins, scale);
  const [known] = await resultsOf(place);
  let group: GroupNode;
  if (known?.type === 'GROUP') {
    requireEditable(known);
    const { x, y } = boxOf(known)!;
    group = known;
    addToGroup(group, { name, pictures, scale, origin: { x: x + units.left, y: y + units.top } });
  } else {
    const mask = requireMask(request.mask);
    expandable([node]);
    requireSize(node, place);
    // The corner of what was there stays where it is on the page, whatever grows around it.
    const { x, y } = boxOf(node)!;
    const { offset } = place;
    const content = { name, pictures, mask, scale, origin: { x: x + offset.x, y: y + offset.y } };
    if (node.type === 'FRAME' || node.type === 'COMPONENT') {
      group = insertBehind(node, { content, units });
    } else {
      const parent = node.parent as Parent;
      group = insertGroup(content, { parent, index: indexIn(parent as SceneNode, node) });
    }
  }
  const isKept = markResult(group, { recipe, place });
  return { nodes: [group], note: noteOf({ isKept }) };
}

/** The frame grows, and is as it was where that fails. */
function insertBehind(
  frame: FrameNode | ComponentNode,
  { content, units }: { readonly content: GroupContent; readonly units: Margins },
): GroupNode {
  growFrame(frame, units);
  try {
    return insertGroup(content, { parent: frame, index: 0 });
  } catch (error) {
    const { left, top, right, bottom } = units;
    growFrame(frame, { left: -left, top: -top, right: -right, bottom: -bottom });
    throw error;
  }
}

/** What is in it stays where it is on the page. */
function growFrame(frame: FrameNode | ComponentNode, { left, top, right, bottom }: Margins): void {
  const places = frame.children.map((child) => ({ child, x: child.x + left, y: child.y + top }));
  frame.resizeWithoutConstraints(frame.width + left + right, frame.height + top + bottom);
  moveTo(frame, { x: frame.x - left, y: frame.y - top });
  for (const { child, x, y } of places) moveTo(child, { x, y });
}

function requireSize(node: SceneNode, { size }: ExpandPlace): void {
  const box = boxOf(node)!;
  const differs = (a: number, b: number) => Math.abs(a - b) > tolerance;
  if (differs(box.width, size.width) || differs(box.height, size.height)) {
    throw refusal(
      `“${node.name}” has been resized since it was captured.`,
      'Undo that and insert the result again, or expand it anew.',
    );
  }
}
