import type {
  PageNode,
  Rect,
  SceneNode,
  SectionNode,
  Transform,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { InsertRequest } from '../protocol/messages.ts';
import type { MockupPlace } from '../protocol/place.ts';
import { boxOf, paintsOf, topImageIndex } from './canvas-node.ts';
import type { Filled } from './insert-paints.ts';
import { type Inserted, noteOf } from './inserted.ts';
import { layerOf, putAt, requireLayer } from './nodes.ts';
import { rowBeside } from './page-geometry.ts';
import { nodeAt } from './placeholders.ts';
import { refusal } from './refusal.ts';
import { markResult } from './result-data.ts';

/** Units between the frame and its copies. */
const gap = 40;

/** As many copies of the frame as there are variations, beside it, with a picture in each placeholder. */
export async function insertMockup(request: InsertRequest, place: MockupPlace): Promise<Inserted> {
  const { results, recipe } = request;
  const frame = await requireLayer(place.frameId, 'The frame of this mockup');
  const count = Math.max(0, ...results.map((pictures) => pictures.length));
  const { container, top } = surroundings(frame);
  const box = boxOf(frame)!;
  const outer = boxOf(top)!;
  const lefts = rowBeside(
    { ...box, x: outer.x + outer.width - box.width },
    { count, gap, obstacles: boxesBeside(container, top) },
  );
  const copies: SceneNode[] = [];
  let isComplete = true;
  let isKept = true;
  try {
    for (const [variation, left] of lefts.entries()) {
      const copy = frame.clone();
      copies.push(copy);
      container.appendChild(copy);
      putAt(copy, moved(frame.absoluteTransform, left - box.x));
      copy.name = `${frame.name} v${variation + 1}`;
      for (const [index, { path }] of place.placeholders.entries()) {
        const picture = results[index]?.[variation];
        const isFilled =
          picture !== undefined && fillPlaceholder(copy, { path, imageHash: picture.imageHash });
        if (!isFilled) isComplete = false;
      }
      isKept = markResult(copy, { recipe, place }) && isKept;
    }
  } catch (error) {
    for (const copy of copies) if (!copy.removed) copy.remove();
    throw error;
  }
  return { nodes: copies, note: noteOf({ isKept, isComplete }) };
}

/** The page or section around a frame, and which of its layers the frame is, or is in. */
function surroundings(frame: SceneNode): {
  readonly container: PageNode | SectionNode;
  readonly top: SceneNode;
} {
  let top = frame;
  for (;;) {
    const { parent } = top;
    if (parent === null) throw refusal('The frame has been deleted.', 'Undo that, and try again.');
    if (parent.type === 'PAGE' || parent.type === 'SECTION') return { container: parent, top };
    top = parent as SceneNode;
  }
}

function boxesBeside({ children }: PageNode | SectionNode, { id }: SceneNode): readonly Rect[] {
  return children.flatMap((child) => (child.id === id ? [] : (boxOf(child) ?? [])));
}

function moved([row, [c, d, y]]: Transform, by: number): Transform {
  return [
    [row[0], row[1], row[2] + by],
    [c, d, y],
  ];
}

/** False where the copy has no such placeholder any more. */
function fillPlaceholder(
  copy: SceneNode,
  { path, imageHash }: { readonly path: readonly number[]; readonly imageHash: string },
): boolean {
  const node = nodeAt(copy, path);
  const paints = node && paintsOf(node);
  if (node === undefined || paints === undefined) return false;
  const image = { type: 'IMAGE', scaleMode: 'FILL', imageHash } as const;
  const index = topImageIndex(paints);
  (layerOf(node) as Filled).fills =
    index < 0 ? [image] : paints.map((paint, at) => (at === index ? { ...image, ...lookOf(paint) } : paint));
  return true;
}

/** What a designer has set for the picture, whichever it is. */
function lookOf(paint: { readonly opacity?: number; readonly blendMode?: string }): object {
  const { opacity, blendMode } = paint;
  return { ...(opacity !== undefined && { opacity }), ...(blendMode !== undefined && { blendMode }) };
}
