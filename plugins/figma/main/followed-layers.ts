/** Which layers of a page a drawing is offered to follow. */
import type { ControlSources } from '../../shared/panel/editor-host.ts';
import { layerImageId } from '../protocol/layer-images.ts';
import { boxOf, type CanvasNode, childrenOf } from './canvas-node.ts';
import { meet } from './page-geometry.ts';

/** What holds many pictures, or shows nothing. */
const unfollowed: readonly CanvasNode['type'][] = ['PAGE', 'DOCUMENT', 'SECTION', 'COMPONENT_SET', 'SLICE'];
export const maxRecentLayers = 8;
export const maxLayersAround = 12;
/** Looking through more would hold Figma up at every click. */
const maxLookedAt = 200;
const maxLabelLength = 60;

interface RecentLayer {
  readonly id: string;
  readonly name: string;
  readonly pageId: string;
}

/** The one that was clicked last first; one that has been deleted since is told when it is used. */
let recent: readonly RecentLayer[] = [];

/** What was clicked a while ago stays on offer: a drawing may follow it while something else is selected. */
export function rememberSelected(selection: readonly CanvasNode[], pageId: string): void {
  const now = selection
    .slice(0, maxRecentLayers)
    .filter(canBeFollowed)
    .map(({ id, name }) => ({ id, name, pageId }));
  const before = recent.filter(({ id }) => now.every((other) => other.id !== id));
  recent = [...now, ...before].slice(0, maxRecentLayers);
}

export interface Surroundings {
  readonly selection: readonly CanvasNode[];
  readonly page: CanvasNode;
  /** What is worked on; nothing for the bare page. */
  readonly picture?: CanvasNode | undefined;
}

/** Layers clicked lately, then those in and around the picture that lie over it, from the top. What is selected is not among them. */
export function layersToFollow({ selection, page, picture }: Surroundings): ControlSources {
  const taken = new Set([...selection, ...(picture === undefined ? [] : [picture])].map(({ id }) => id));
  const clicked = recent.filter(({ id, pageId }) => pageId === page.id && !taken.has(id));
  for (const { id } of clicked) taken.add(id);
  const around = layersAround(picture ?? page, picture && boxOf(picture)).filter(({ id }) => !taken.has(id));
  return [...clicked, ...around.slice(0, maxLayersAround)].flatMap(({ id, name }) => {
    const imageId = layerImageId(id);
    return imageId === undefined ? [] : [{ id: imageId, label: labelOf(name) }];
  });
}

function layersAround(picture: CanvasNode, box: ReturnType<typeof boxOf>): readonly CanvasNode[] {
  const siblings = picture.parent === null || picture.type === 'PAGE' ? [] : childrenOf(picture.parent);
  return [childrenOf(picture), siblings]
    .flatMap((nodes) => nodes.slice(-maxLookedAt).reverse())
    .filter((node) => canBeFollowed(node) && (box === undefined || meet(boxOf(node)!, box)));
}

function canBeFollowed(node: CanvasNode): boolean {
  if (unfollowed.includes(node.type)) return false;
  const box = boxOf(node);
  return box !== undefined && box.width > 0 && box.height > 0;
}

function labelOf(name: string): string {
  return name.trim() === '' ? 'a layer' : name.slice(0, maxLabelLength);
}
