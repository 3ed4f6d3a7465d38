/** What of the page a node can be seen on, without rasterising it. */
import type { Rect } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { FigmaDocument } from './figma-document.ts';
import type { NodeRecord } from './node-record.ts';
import { intersectionOf, unionOf } from './transform.ts';

/** Nothing where the node cannot be seen: hidden, itself or an ancestor, or without a visible paint. */
export function renderBounds(document: FigmaDocument, id: string): Rect | undefined {
  if (!document.ancestorsOf(id).every(({ visible }) => visible)) return undefined;
  return contentBounds(document, id);
}

/** The same, whatever the node is in. */
export function contentBounds(document: FigmaDocument, id: string): Rect | undefined {
  const record = document.get(id);
  if (!record.visible || record.opacity === 0) return undefined;
  const box = document.absoluteBox(id);
  const own = hasVisiblePaint(record) ? [box] : [];
  const isAlone = record.childIds.length === 0;
  if (isAlone) return unionOf(own);
  const inside = childBounds(document, record.childIds);
  const shown = record.clipsContent ? inside.flatMap((bounds) => intersectionOf(bounds, box) ?? []) : inside;
  return unionOf([...own, ...shown]);
}

/** A mask bounds what is seen of its later siblings, and is not seen itself. */
function childBounds(document: FigmaDocument, ids: readonly string[]): readonly Rect[] {
  let mask: Rect | undefined;
  return ids.flatMap((id) => {
    const { isMask, visible } = document.get(id);
    if (isMask && visible) {
      mask = document.absoluteBox(id);
      return [];
    }
    const bounds = contentBounds(document, id);
    if (bounds === undefined) return [];
    return mask === undefined ? [bounds] : (intersectionOf(bounds, mask) ?? []);
  });
}

export function hasVisiblePaint({ type, fills, strokes, childIds }: NodeRecord): boolean {
  if (type === 'GROUP') return false;
  const paints = fills === 'mixed' ? [] : fills;
  if (type === 'TEXT' && fills === 'mixed') return true;
  const isSeen = ({ visible = true, opacity = 1 }: { visible?: boolean; opacity?: number }) =>
    visible && opacity > 0;
  return [...paints, ...strokes].some(isSeen) && (type !== 'COMPONENT_SET' || childIds.length > 0);
}
