/** What a selection is good for, held to the limits; said in the same words before a job and, if need be, instead of it. */
import type { Rect } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Size } from '../../shared/picture/geometry.ts';
import type { PlaceholderPlace } from '../protocol/place.ts';
import { maxImageSide, minScale } from '../protocol/scale.ts';
import {
  boxOf,
  type CanvasNode,
  childrenOf,
  type ImagePaint,
  isFrame,
  isVisible,
  paintsOf,
  requireEditable,
  requirePicture,
  topImage,
} from './canvas-node.ts';
import { isUpright } from './page-geometry.ts';
import { maxPlaceholders, placeholdersOf } from './placeholders.ts';
import { refusal } from './refusal.ts';

/** The one node that an operation is about. */
function onlyOne(selection: readonly CanvasNode[], hint: string): CanvasNode {
  const [node, ...others] = selection;
  if (node === undefined) throw refusal('Nothing is selected.', hint);
  if (others.length > 0) throw refusal(`${selection.length} layers are selected.`, hint);
  requirePicture(node);
  requireEditable(node);
  return node;
}

/** The box of what is to be exported, within the limits. */
export function exportBox(node: CanvasNode): Rect {
  const box = boxOf(node);
  if (box === undefined || box.width <= 0 || box.height <= 0) {
    throw refusal(`“${node.name}” has no area.`, 'Select a layer that shows something.');
  }
  const side = Math.max(box.width, box.height);
  if (side * minScale > maxImageSide) {
    throw refusal(
      `“${node.name}” is ${Math.round(side)} px long; Inlay takes ${maxImageSide / minScale}.`,
      'Use a smaller frame, or put the part that matters into one.',
    );
  }
  return box;
}

/** A frame, or a rectangle with an image, that can be continued beyond its edges. */
export function expandable(selection: readonly CanvasNode[]): CanvasNode {
  const node = onlyOne(selection, 'Select one frame or one image.');
  if (node.type === 'INSTANCE') throw instanceRefusal(node);
  const isImage = node.type === 'RECTANGLE' && topImage(node) !== undefined;
  if (!isFrame(node) && !isImage) {
    throw refusal(`“${node.name}” is neither a frame nor an image.`, 'Select one frame or one image.');
  }
  for (const layout of isFrame(node) ? [node, node.parent] : [node.parent]) {
    if (layout === null || !hasAutoLayout(layout)) continue;
    throw refusal(
      `“${layout.name}” has auto layout, which would move everything.`,
      'Remove the auto layout, or frame the selection first (Ctrl or ⌘ + Alt + G).',
    );
  }
  if (node.absoluteTransform !== undefined && !isUpright(node.absoluteTransform)) {
    throw refusal(`“${node.name}” is rotated.`, 'Rotate it back to 0° to expand it.');
  }
  exportBox(node);
  return node;
}

export function hasAutoLayout(node: CanvasNode): boolean {
  return 'layoutMode' in node && node.layoutMode !== undefined && node.layoutMode !== 'NONE';
}

export interface ImageSubject {
  readonly node: CanvasNode;
  readonly paint: ImagePaint & { readonly imageHash: string };
}

/** A layer with an image fill; of several the top one counts. */
export function imageSubject(selection: readonly CanvasNode[]): ImageSubject {
  const hint = 'Select one layer with an image fill.';
  const node = onlyOne(selection, hint);
  requireOneFill(node);
  const paint = topImage(node);
  if (paint === undefined) throw refusal(`“${node.name}” has no image fill.`, hint);
  return { node, paint: paint as ImageSubject['paint'] };
}

function requireOneFill(node: CanvasNode): void {
  if ('fills' in node && paintsOf(node) === undefined) {
    throw refusal(`The parts of “${node.name}” have different fills.`, 'Give all of it the same fill.');
  }
}

/** A shape or frame that a new picture can fill; nothing where nothing is selected. */
export function fillable(selection: readonly CanvasNode[]): CanvasNode | undefined {
  if (selection.length === 0) return undefined;
  const hint = 'Select one shape or frame that the picture is to fill, or nothing.';
  const node = onlyOne(selection, hint);
  requireOneFill(node);
  const isHolder = isFrame(node) || (node.type !== 'INSTANCE' && node.type !== 'LINE' && 'fills' in node);
  if (!isHolder) throw refusal(`“${node.name}” is no shape that a picture can fill.`, hint);
  exportBox(node);
  return node;
}

/** A frame in which something is drawn that a picture can follow. */
export function sketchSubject(selection: readonly CanvasNode[]): CanvasNode {
  const hint = 'Select one frame with a few shapes or lines in it.';
  const frame = onlyOne(selection, hint);
  if (!isFrame(frame) && frame.type !== 'INSTANCE') throw refusal(`“${frame.name}” is no frame.`, hint);
  if (!childrenOf(frame).some(isVisible)) throw refusal(`“${frame.name}” is empty.`, hint);
  exportBox(frame);
  return frame;
}

export interface MockupSubject {
  readonly frame: CanvasNode;
  readonly placeholders: readonly PlaceholderPlace[];
}

/** A frame with at least one placeholder. */
export function mockupSubject(selection: readonly CanvasNode[]): MockupSubject {
  const hint = 'Select one frame with placeholders.';
  const frame = onlyOne(selection, hint);
  if (frame.type === 'INSTANCE') throw instanceRefusal(frame);
  if (!isFrame(frame)) throw refusal(`“${frame.name}” is no frame.`, hint);
  const placeholders = placeholdersOf(frame);
  if (placeholders.length === 0) {
    throw refusal(
      `“${frame.name}” has no placeholders.`,
      'Placeholders are image fills, plain grey shapes, and shapes named e.g. “image”, “hero”, or “avatar”.',
    );
  }
  return { frame, placeholders };
}

function instanceRefusal({ name }: CanvasNode): Error {
  return refusal(`“${name}” is an instance.`, 'Detach it, or use its main component.');
}

export function mockupWords({ frame, placeholders }: MockupSubject): string {
  const count = placeholders.length;
  const words = count === 1 ? '1 placeholder' : `${count} placeholders`;
  return `“${frame.name}”, ${count === maxPlaceholders ? `the ${count} largest placeholders` : words}`;
}

/** `400 × 300 px` */
export function sizeWords({ width, height }: Size): string {
  return `${Math.round(width)} × ${Math.round(height)} px`;
}

/** What the user might not expect of an export: nothing as a rule. */
export function exportWords(node: CanvasNode, scale: number): string {
  const isTurned = node.absoluteTransform !== undefined && !isUpright(node.absoluteTransform);
  const turned = isTurned ? '; rotated: the upright box around it is used' : '';
  return scale < 1 ? `${turned}; sent at ${Math.round(scale * 100)} % of its size` : turned;
}
