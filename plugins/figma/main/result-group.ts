/** Results as image fills in a group: the mask at the bottom, the likeliest result on top, the others below it, hidden. */
import type { GroupNode, RectangleNode, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Point } from '../../shared/picture/geometry.ts';
import type { PlacedImage } from '../protocol/place.ts';
import { containerTransform, type Parent, putUpright } from './nodes.ts';
import { isUpright, unitsOf } from './page-geometry.ts';
import { refusal } from './refusal.ts';
import { hasAutoLayout } from './subjects.ts';

export interface GroupContent {
  readonly name: string;
  readonly pictures: readonly PlacedImage[];
  readonly mask: PlacedImage;
  /** Where on the page pixel (0, 0) is, and how many are in a unit. */
  readonly origin: Point;
  readonly scale: number;
}

export interface Slot {
  readonly parent: Parent;
  readonly index: number;
}

/** Throws a `ClientError` where a result has come without its mask. */
export function requireMask(mask: PlacedImage | undefined): PlacedImage {
  if (mask !== undefined) return mask;
  throw refusal('The result has no mask.', 'Try again; if it happens once more, please report it.');
}

/** A new group at this place among the layers. Nothing is left of it where that fails. */
export function insertGroup(content: GroupContent, { parent, index }: Slot): GroupNode {
  const created: SceneNode[] = [];
  try {
    const mask = imageRectangle(content.mask, { name: 'Mask', content, created });
    const results = content.pictures.map((picture, variation) => {
      const name = resultName(content.name, variation);
      const rectangle = imageRectangle(picture, { name, content, created });
      rectangle.visible = variation === 0;
      return rectangle;
    });
    const group = figma.group([mask, ...results], figma.currentPage);
    created.push(group);
    group.name = content.name;
    for (const [depth, child] of [mask, ...[...results].reverse()].entries()) group.insertChild(depth, child);
    mask.isMask = true;
    mask.maskType = 'LUMINANCE';
    const corners = group.children.map((child) => ({ child, x: child.x, y: child.y }));
    const { x, y } = group;
    parent.insertChild(index, group);
    if (hasAutoLayout(parent as SceneNode)) group.layoutPositioning = 'ABSOLUTE';
    if (isUpright(containerTransform(parent))) putUpright(group, { x, y });
    else for (const { child, ...corner } of corners) putUpright(child, corner);
    return group;
  } catch (error) {
    for (const node of created) if (!node.removed) node.remove();
    throw error;
  }
}

/** More variations of a result that is there: the first of them is seen from now on. */
export function addToGroup(group: GroupNode, content: Omit<GroupContent, 'mask'>): void {
  const before = group.children.filter((child) => !('isMask' in child && child.isMask));
  const created: SceneNode[] = [];
  try {
    for (const [variation, picture] of [...content.pictures.entries()].reverse()) {
      const name = resultName(content.name, before.length + variation);
      const rectangle = imageRectangle(picture, { name, content, created });
      rectangle.visible = variation === 0;
      const { x, y } = rectangle;
      group.appendChild(rectangle);
      putUpright(rectangle, { x, y });
    }
  } catch (error) {
    for (const node of created) if (!node.removed) node.remove();
    throw error;
  }
  for (const child of before) child.visible = false;
}

function resultName(name: string, variation: number): string {
  return `${name} ${variation + 1}`;
}

interface RectangleOptions {
  readonly name: string;
  readonly content: Pick<GroupContent, 'origin' | 'scale'>;
  /** Takes it in at once, so that it can be removed when something fails. */
  readonly created: SceneNode[];
}

/** On the current page, where new layers begin. */
function imageRectangle(
  { imageHash, bounds }: PlacedImage,
  { name, content, created }: RectangleOptions,
): RectangleNode {
  const rectangle = figma.createRectangle();
  created.push(rectangle);
  const { x, y, width, height } = unitsOf(bounds, content);
  rectangle.name = name;
  rectangle.resize(width, height);
  rectangle.x = x;
  rectangle.y = y;
  rectangle.fills = [{ type: 'IMAGE', imageHash, scaleMode: 'FILL' }];
  return rectangle;
}
