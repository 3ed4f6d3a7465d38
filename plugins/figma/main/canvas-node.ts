/**
 * The little that the rules need to know of a node, so that they can be tried on plain objects. Figma throws where a
 * property is read that a node's type lacks: what not all have is optional here, and asked for with `in`.
 */
import type { Paint, PluginAPI, Rect, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { refusal } from './refusal.ts';

export interface CanvasNode {
  readonly id: string;
  readonly name: string;
  readonly type: SceneNode['type'] | 'PAGE' | 'DOCUMENT';
  readonly parent: CanvasNode | null;
  readonly children?: readonly CanvasNode[];
  readonly visible?: boolean;
  readonly locked?: boolean;
  readonly fills?: readonly Paint[] | PluginAPI['mixed'];
  readonly absoluteBoundingBox?: Rect | null;
  readonly absoluteTransform?: SceneNode['absoluteTransform'];
  readonly layoutMode?: string;
}

/** What is drawn as one closed shape, and so can say with its form what is meant. */
const shapeTypes: readonly CanvasNode['type'][] = [
  'RECTANGLE',
  'ELLIPSE',
  'POLYGON',
  'STAR',
  'VECTOR',
  'BOOLEAN_OPERATION',
  'TEXT',
];

export type ImagePaint = Extract<Paint, { readonly type: 'IMAGE' }>;

/** The fills, where a node has any and they are the same all over it. */
export function paintsOf(node: CanvasNode): readonly Paint[] | undefined {
  const fills = 'fills' in node ? node.fills : undefined;
  return Array.isArray(fills) ? (fills as readonly Paint[]) : undefined;
}

/** Where among the fills the image is that is seen on top; -1 where none is. */
export function topImageIndex(paints: readonly Paint[]): number {
  for (let index = paints.length - 1; index >= 0; index--) {
    const paint = paints[index]!;
    if (paint.type === 'IMAGE' && paint.visible !== false && paint.imageHash !== null) return index;
  }
  return -1;
}

export function topImage(node: CanvasNode): ImagePaint | undefined {
  const paints = paintsOf(node);
  return paints?.[topImageIndex(paints)] as ImagePaint | undefined;
}

/** Of no picture: its form is all that it says. */
export function isPlainShape(node: CanvasNode): boolean {
  return shapeTypes.includes(node.type) && topImage(node) === undefined;
}

export function isVisible(node: CanvasNode): boolean {
  return !('visible' in node) || node.visible !== false;
}

/** What has a place of its own on the page, and cuts off what is beyond it. */
export function isFrame({ type }: CanvasNode): boolean {
  return type === 'FRAME' || type === 'COMPONENT';
}

export function boxOf(node: CanvasNode): Rect | undefined {
  return ('absoluteBoundingBox' in node && node.absoluteBoundingBox) || undefined;
}

/** From the nearest to the page. */
export function ancestorsOf(node: CanvasNode): readonly CanvasNode[] {
  const ancestors: CanvasNode[] = [];
  for (let parent = node.parent; parent !== null && parent.type !== 'DOCUMENT'; parent = parent.parent) {
    ancestors.push(parent);
  }
  return ancestors;
}

export function childrenOf(node: CanvasNode): readonly CanvasNode[] {
  return 'children' in node && node.children !== undefined ? node.children : [];
}

export function indexIn(parent: CanvasNode, { id }: CanvasNode): number {
  return childrenOf(parent).findIndex((child) => child.id === id);
}

export function isInside(node: CanvasNode, { id }: CanvasNode): boolean {
  return ancestorsOf(node).some((ancestor) => ancestor.id === id);
}

/** Throws where the results that belong at this node's place could not be put there. */
export function requireEditable(node: CanvasNode): void {
  const around = ancestorsOf(node);
  const instance = around.find(({ type }) => type === 'INSTANCE');
  if (instance !== undefined) {
    throw refusal(
      `“${node.name}” is part of the instance “${instance.name}”, in which nothing can be placed.`,
      'Detach the instance, or edit its main component.',
    );
  }
  const locked = [node, ...around].find((other) => 'locked' in other && other.locked === true);
  if (locked !== undefined) {
    throw refusal(`“${locked.name}” is locked.`, 'Unlock it and try again.');
  }
}

/** Throws for what is no picture, but holds many. */
export function requirePicture({ type, name }: CanvasNode): void {
  if (type === 'SECTION') {
    throw refusal(`“${name}” is a section.`, 'Select a frame or an image inside it.');
  }
  if (type === 'COMPONENT_SET') {
    throw refusal(`“${name}” is a set of components.`, 'Select one of its variants.');
  }
}
