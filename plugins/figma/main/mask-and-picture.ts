/** Which of the nodes says what is to be filled, and which is the picture that it is filled in. */
import type { Rect } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import {
  ancestorsOf,
  boxOf,
  type CanvasNode,
  childrenOf,
  indexIn,
  isFrame,
  isPlainShape,
  isVisible,
  requireEditable,
  requirePicture,
} from './canvas-node.ts';
import { meet } from './page-geometry.ts';
import { refusal } from './refusal.ts';

export interface MaskAndPicture<Node> {
  readonly mask: Node;
  readonly picture: Node;
}

/**
 * Two nodes: the plain shape is the mask, the other the picture; of two plain shapes the upper is the mask. One plain
 * shape: it is the mask, and the picture is what lies below it. Throws a `ClientError` that says what to select instead.
 */
export function maskAndPicture<Node extends CanvasNode>(
  selection: readonly Node[],
): MaskAndPicture<CanvasNode> {
  const found = selection.length === 2 ? ofTwo(selection) : ofOne(selection);
  requireEditable(found.mask);
  requirePicture(found.picture);
  const [mask, picture] = [boxOf(found.mask), boxOf(found.picture)];
  if (mask === undefined || picture === undefined || !meet(mask, picture)) {
    throw refusal(
      `“${found.mask.name}” does not lie over “${found.picture.name}”.`,
      'Move the shape over what is to be replaced.',
    );
  }
  return found;
}

function ofTwo(selection: readonly CanvasNode[]): MaskAndPicture<CanvasNode> {
  const [a, b] = selection as readonly [CanvasNode, CanvasNode];
  const [isShapeA, isShapeB] = [isPlainShape(a), isPlainShape(b)];
  if (!isShapeA && !isShapeB) {
    throw refusal(
      `Neither “${a.name}” nor “${b.name}” is a plain shape.`,
      'Select the picture and one shape over it: an ellipse, a rectangle, a vector, or text.',
    );
  }
  const isMaskA = isShapeA && isShapeB ? isAbove(a, b) : isShapeA;
  return isMaskA ? { mask: a, picture: b } : { mask: b, picture: a };
}

function ofOne(selection: readonly CanvasNode[]): MaskAndPicture<CanvasNode> {
  const [mask, ...others] = selection;
  if (mask === undefined) {
    throw refusal(
      'Nothing is selected.',
      'Draw a shape over what is to be replaced, and select it, alone or with the picture below it.',
    );
  }
  if (others.length > 0) {
    throw refusal(
      `${selection.length} layers are selected.`,
      'Select one shape, or one shape and the picture below it.',
    );
  }
  requirePicture(mask);
  if (!isPlainShape(mask)) {
    throw refusal(
      `“${mask.name}” says nothing of what is to be replaced.`,
      'Draw a shape over that, and select it, alone or with the picture.',
    );
  }
  return { mask, picture: pictureBelow(mask) };
}

/**
 * The frame or component that a node is in; of one that is in none, the topmost of the visible nodes below it that holds
 * its middle.
 */
export function pictureBelow(node: CanvasNode): CanvasNode {
  const box = boxOf(node);
  let upper = node;
  for (const parent of ancestorsOf(node)) {
    if (isFrame(parent)) return parent;
    const below = childrenOf(parent).slice(0, indexIn(parent, upper)).reverse();
    const picture = below.find((other) => isVisible(other) && box !== undefined && holdsMiddle(other, box));
    if (picture !== undefined) return picture;
    upper = parent;
  }
  throw refusal(`Nothing lies below “${node.name}”.`, 'Put the shape over an image or a frame.');
}

function holdsMiddle(node: CanvasNode, { x, y, width, height }: Rect): boolean {
  const box = boxOf(node);
  if (box === undefined) return false;
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  return (
    middleX >= box.x && middleX <= box.x + box.width && middleY >= box.y && middleY <= box.y + box.height
  );
}

/** Whether `a` is drawn after `b`; what is inside something is drawn after it. */
export function isAbove(a: CanvasNode, b: CanvasNode): boolean {
  const [pathA, pathB] = [pathFromPage(a), pathFromPage(b)];
  for (let depth = 0; depth < pathA.length && depth < pathB.length; depth++) {
    if (pathA[depth] !== pathB[depth]) return pathA[depth]! > pathB[depth]!;
  }
  return pathA.length > pathB.length;
}

/** Indices among the children, from the page inwards. */
function pathFromPage(node: CanvasNode): readonly number[] {
  const trail = [node, ...ancestorsOf(node)];
  return trail
    .slice(0, -1)
    .map((inner, index) => indexIn(trail[index + 1]!, inner))
    .reverse();
}

/** All that is drawn over a node inside a picture that holds it, the node itself among it; nothing for one beside it. */
export function overlayOf(node: CanvasNode, picture: CanvasNode): readonly CanvasNode[] {
  const trail = [node, ...ancestorsOf(node)];
  const end = trail.findIndex(({ id }) => id === picture.id);
  if (end < 0) return [];
  const over = trail.slice(0, end).flatMap((inner, index) => {
    const parent = trail[index + 1]!;
    return childrenOf(parent).slice(indexIn(parent, inner) + 1);
  });
  return [node, ...over].filter(isVisible);
}
