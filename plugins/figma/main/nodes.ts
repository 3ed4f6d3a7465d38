/** Between the rules, which know little of a node, and Figma's own nodes. */
import type {
  BaseNode,
  ChildrenMixin,
  PageNode,
  SceneNode,
  Transform,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Point } from '../../shared/picture/geometry.ts';
import type { CanvasNode } from './canvas-node.ts';
import { inverse, isUpright, product, uprightIn } from './page-geometry.ts';
import { refusal } from './refusal.ts';

/** What can hold layers. */
export type Parent = BaseNode & ChildrenMixin;

/** The layer itself, which a rule has chosen from those that it was given. */
export function layerOf(node: CanvasNode): SceneNode {
  return node as SceneNode;
}

/** A layer by its id; nothing for one that was deleted. */
export async function findLayer(id: string): Promise<SceneNode | undefined> {
  const node = await figma.getNodeByIdAsync(id);
  if (node === null || node.removed || node.type === 'PAGE' || node.type === 'DOCUMENT') return undefined;
  // Figma remembers what was deleted as a layer of no page.
  return pageAround(node) === undefined ? undefined : node;
}

export async function requireLayer(id: string, what: string): Promise<SceneNode> {
  const node = await findLayer(id);
  if (node !== undefined) return node;
  throw refusal(`${what} has been deleted.`, 'Undo that, and try again.');
}

export function pageAround(node: BaseNode): PageNode | undefined {
  let around: BaseNode | null = node;
  while (around !== null && around.type !== 'PAGE') around = around.parent;
  return around ?? undefined;
}

const identity: Transform = [
  [1, 0, 0],
  [0, 1, 0],
];

/** What the places of a parent's children are told in: a group has none of its own. */
export function containerTransform(parent: BaseNode): Transform {
  let container: BaseNode | null = parent;
  while (container !== null && (container.type === 'GROUP' || container.type === 'BOOLEAN_OPERATION')) {
    container = container.parent;
  }
  return container !== null && 'absoluteTransform' in container ? container.absoluteTransform : identity;
}

/** Puts a layer upright on the page with its corner at a point of it, whatever it lies in. */
export function putUpright(node: SceneNode, corner: Point): void {
  const container = containerTransform(node.parent!);
  const transform = uprightIn(container, corner);
  if (isUpright(container)) moveTo(node, { x: transform[0][2], y: transform[1][2] });
  else (node as Extract<SceneNode, { relativeTransform: Transform }>).relativeTransform = transform;
}

/** Gives a layer this place on the page, whatever it lies in. */
export function putAt(node: SceneNode, transform: Transform): void {
  const relative = product(inverse(containerTransform(node.parent!)), transform);
  (node as Extract<SceneNode, { relativeTransform: Transform }>).relativeTransform = relative;
}

export function moveTo(node: SceneNode, { x, y }: Point): void {
  node.x = x;
  node.y = y;
}
