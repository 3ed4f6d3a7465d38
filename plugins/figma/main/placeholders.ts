/** Which parts of a design stand for pictures that are still to come. */
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { PlaceholderPlace } from '../protocol/place.ts';
import { boxOf, type CanvasNode, childrenOf, isVisible, paintsOf, topImageIndex } from './canvas-node.ts';

/** Smaller ones are icons and bullets. */
const minSide = 24;
/** Of a design with more, the largest are filled: each is a job of its own. */
export const maxPlaceholders = 12;

/** Figma's own grey of a new shape is 0.85; paler ones are backgrounds, darker ones ink. */
const greyRange = { min: 0.5, max: 0.9 };
/** How far the channels of a grey may differ. */
const greySpread = 0.03;

const shapeTypes: readonly CanvasNode['type'][] = ['RECTANGLE', 'ELLIPSE', 'POLYGON', 'STAR', 'VECTOR'];

const pictureWord =
  /\b(?:placeholder|image|img|photo|picture|pic|avatar|thumbnail|thumb|hero|cover|illustration|portrait)\b/i;

/**
 * In a frame: every visible layer with an image fill; plain shapes and empty frames whose name speaks of a picture; and
 * shapes with nothing but a plain middle grey in them. None in instances or below 24 units a side, and nothing that is
 * locked. The largest come first where there are too many, else in the order of the layers.
 */
export function placeholdersOf(frame: CanvasNode): readonly PlaceholderPlace[] {
  const found = childrenOf(frame).flatMap((child, index) => placeholdersIn(child, [index]));
  if (found.length <= maxPlaceholders) return found;
  const area = ({ width, height }: PlaceholderPlace) => width * height;
  const largest = [...found].sort((a, b) => area(b) - area(a)).slice(0, maxPlaceholders);
  return found.filter((placeholder) => largest.includes(placeholder));
}

function placeholdersIn(node: CanvasNode, path: readonly number[]): readonly PlaceholderPlace[] {
  if (!isVisible(node) || node.type === 'INSTANCE' || ('locked' in node && node.locked === true)) return [];
  const inside = childrenOf(node).flatMap((child, index) => placeholdersIn(child, [...path, index]));
  const box = boxOf(node);
  if (box === undefined || Math.min(box.width, box.height) < minSide || !isPlaceholder(node)) return inside;
  const words = wordsIn(node.name);
  const { width, height } = box;
  return [{ path, width, height, ...(words !== undefined && { words }) }, ...inside];
}

function isPlaceholder(node: CanvasNode): boolean {
  const paints = paintsOf(node)?.filter(({ visible }) => visible !== false);
  if (paints === undefined) return false;
  if (topImageIndex(paints) >= 0) return true;
  const isShape = shapeTypes.includes(node.type);
  const isEmptyFrame = node.type === 'FRAME' && childrenOf(node).length === 0;
  if (!isShape && !isEmptyFrame) return false;
  return pictureWord.test(node.name) || (isShape && paints.length === 1 && isPlainGrey(paints[0]!));
}

function isPlainGrey(paint: Paint): boolean {
  if (paint.type !== 'SOLID' || (paint.opacity ?? 1) < 1) return false;
  const { r, g, b } = paint.color;
  const [min, max] = [Math.min(r, g, b), Math.max(r, g, b)];
  return max - min <= greySpread && min >= greyRange.min && max <= greyRange.max;
}

/** `photo: a barista at work` asks for a barista; names without a colon are names only. */
function wordsIn(name: string): string | undefined {
  const colon = name.indexOf(':');
  const words = colon < 0 ? '' : name.slice(colon + 1).trim();
  return words === '' ? undefined : words;
}

/** What has the same place in a copy of the frame; nothing where the copy is no such copy any more. */
export function nodeAt(frame: CanvasNode, path: readonly number[]): CanvasNode | undefined {
  return path.reduce<CanvasNode | undefined>(
    (node, index) => (node === undefined ? undefined : childrenOf(node)[index]),
    frame,
  );
}
