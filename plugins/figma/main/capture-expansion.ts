/** A frame or an image that is to be continued beyond its edges. */

import type { GroupNode, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { randomId } from '../../shared/client/random-id.ts';
import type { Margins, Size } from '../../shared/picture/geometry.ts';
import type { Captured } from '../protocol/messages.ts';
import type { ExpandPlace } from '../protocol/place.ts';
import { expandScale, marginPixels } from '../protocol/scale.ts';
import { boxOf, isFrame, requireEditable } from './canvas-node.ts';
import { exportPng, keepImage } from './captured-images.ts';
import { densityIn } from './image-facts.ts';
import { layerOf, pageAround, requireLayer } from './nodes.ts';
import { marginUnits } from './page-geometry.ts';
import { refusal } from './refusal.ts';
import { resultsOf } from './result-data.ts';
import { expandable } from './subjects.ts';
import { withHidden } from './taken-as.ts';

type Expansion = Extract<Captured, { readonly kind: 'expand' }>;

export async function captureExpansion({
  margins,
  place,
}: {
  readonly margins: Margins;
  readonly place: ExpandPlace | undefined;
}): Promise<Expansion> {
  if (place === undefined) return await captureFirst(expandableSelected(), margins);
  const [group] = await resultsOf(place);
  const node = await requireLayer(place.nodeId, 'What was expanded');
  if (group?.type === 'GROUP') return await captureAgain(node, { group, place });
  return await captureFirst(layerOf(expandable([node])), marginUnits(place.margins, place.scale));
}

function expandableSelected(): SceneNode {
  return layerOf(expandable(figma.currentPage.selection));
}

/** Margins in units. */
async function captureFirst(node: SceneNode, margins: Margins): Promise<Expansion> {
  if (Object.values(margins).every((units) => units === 0)) {
    throw refusal('Nothing is to be added.', 'Say how many pixels at which side.');
  }
  const box = boxOf(node)!;
  const size: Size = { width: box.width, height: box.height };
  const scale = expandScale(size, { margins, density: await densityIn(node, box) });
  const pixels = marginPixels(margins, scale);
  const { bytes, origin } = await exportPng(node, scale);
  const picture = keepImage(bytes);
  const pageId = pageAround(node)!.id;
  const place: ExpandPlace = {
    kind: 'expand',
    id: randomId(),
    pageId,
    nodeId: node.id,
    size,
    offset: { x: origin.x - box.x, y: origin.y - box.y },
    scale,
    margins: pixels,
  };
  return { kind: 'expand', place, picture };
}

/** A frame has grown by then: its old part is captured, without the result in it. */
async function captureAgain(
  node: SceneNode,
  { group, place }: { readonly group: GroupNode; readonly place: ExpandPlace },
): Promise<Expansion> {
  requireEditable(group);
  const { scale, margins, size } = place;
  const again: ExpandPlace = { ...place, resultId: group.id };
  if (!isFrame(node)) {
    const picture = keepImage((await exportPng(node, scale)).bytes);
    return { kind: 'expand', place: again, picture };
  }
  const picture = keepImage((await withHidden([group], () => exportPng(node, scale))).bytes);
  const inner = {
    left: margins.left,
    top: margins.top,
    width: Math.round(size.width * scale),
    height: Math.round(size.height * scale),
  };
  return { kind: 'expand', place: again, picture, inner };
}
