/** Results as the fill of a layer itself. */
import type { Paint, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { InsertRequest } from '../protocol/messages.ts';
import type { CanvasPlace, PaintPlace, PlacedImage } from '../protocol/place.ts';
import { type ImagePaint, paintsOf, requireEditable, topImageIndex } from './canvas-node.ts';
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
    ? replaced(paints, { place, picture: pictures[0]!, name: node.name })
    : withVariations(paints, { pictures, imageHash: place.imageHash });
  const isKept = markResult(node, { recipe: request.recipe, place });
  return { nodes: [node], note: noteOf({ isKept }) };
}

/** The same image, larger: shown as the one before was. */
function replaced(
  paints: readonly Paint[],
  { place, picture, name }: { place: PaintPlace; picture: PlacedImage; name: string },
): readonly Paint[] {
  const index = paints.findIndex((paint) => paint.type === 'IMAGE' && paint.imageHash === place.imageHash);
  const before = paints[index] as ImagePaint | undefined;
  if (before === undefined) {
    throw refusal(
      `“${name}” shows another image than when it was captured.`,
      'Undo that and insert the result again, or enlarge the new image.',
    );
  }
  return paints.map((paint, at) => (at === index ? enlarged(before, { place, picture }) : paint));
}

/** A tile is as large as its image has pixels, times a factor. */
function enlarged(
  before: ImagePaint,
  { place, picture }: { place: PaintPlace; picture: PlacedImage },
): ImagePaint {
  const { imageHash, bounds } = picture;
  const { scalingFactor } = before;
  if (before.scaleMode !== 'TILE' || scalingFactor === undefined || place.imageSize === undefined) {
    return { ...before, imageHash };
  }
  return { ...before, imageHash, scalingFactor: (scalingFactor * place.imageSize.width) / bounds.width };
}

export interface Variations {
  /** The likeliest first: it is the one that is seen. */
  readonly pictures: readonly PlacedImage[];
  /** Of the image that they are variations of, and are shown like; none for new ones. */
  readonly imageHash?: string | undefined;
}

/** Above the image that is seen, which is kept hidden, and below what lies over it, e.g. a gradient. */
export function withVariations(
  paints: readonly Paint[],
  { pictures, imageHash }: Variations,
): readonly Paint[] {
  const top = topImageIndex(paints);
  const before = paints[top];
  const varied = paints.find((paint) => paint.type === 'IMAGE' && paint.imageHash === imageHash);
  const look = imageHash === undefined ? undefined : ((varied ?? before) as ImagePaint | undefined);
  const shown = pictures.map((picture, variation): ImagePaint => {
    const visible = variation === 0;
    return { type: 'IMAGE', scaleMode: 'FILL', ...look, imageHash: picture.imageHash, visible };
  });
  shown.reverse();
  if (before === undefined) return [...paints, ...shown];
  return [...paints.slice(0, top), { ...before, visible: false }, ...shown, ...paints.slice(top + 1)];
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
