/** The images of fills: how large they are, and how many of their pixels a unit of the page shows. */
import type { Rect } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { Size } from '../../shared/picture/geometry.ts';
import { boxOf, type CanvasNode, childrenOf, isVisible, topImage } from './canvas-node.ts';
import { meet } from './page-geometry.ts';
import { paintDensity } from './paint-density.ts';
import { refusal } from './refusal.ts';

/** Images do not change; their hashes say all. */
const sizes = new Map<string, Size>();
/** A design with more of them is looked at no further: this only tells how sharp an export has to be. */
const maxImagesLookedAt = 16;

/** Nothing for an image that has not been loaded, or that the file lacks. */
export async function imageSize(hash: string): Promise<Size | undefined> {
  const known = sizes.get(hash);
  if (known !== undefined) return known;
  try {
    const size = await figma.getImageByHash(hash)?.getSizeAsync();
    if (size !== undefined) sizes.set(hash, size);
    return size;
  } catch {
    return undefined;
  }
}

/** The file that was put in. Rejects with a `ClientError` where it is not there. */
export async function imageBytes(hash: string, name: string): Promise<Uint8Array> {
  const image = figma.getImageByHash(hash);
  if (image === null) {
    throw refusal(`The image of “${name}” is not in this file.`, 'Wait until it has loaded, and try again.');
  }
  return await image.getBytesAsync();
}

/** The most pixels of a unit that the images have which an area of a picture shows; 1 where there are none. */
export async function densityIn(picture: CanvasNode, area: Rect): Promise<number> {
  let density = 1;
  for (const node of imageNodesIn(picture, area).slice(0, maxImagesLookedAt)) {
    const paint = topImage(node)!;
    const size = await imageSize(paint.imageHash!);
    if (size !== undefined)
      density = Math.max(density, paintDensity(paint, { image: size, node: boxOf(node)! }));
  }
  return density;
}

function imageNodesIn(node: CanvasNode, area: Rect): readonly CanvasNode[] {
  const box = boxOf(node);
  if (!isVisible(node) || (box !== undefined && !meet(box, area))) return [];
  const inside = childrenOf(node).flatMap((child) => imageNodesIn(child, area));
  return box !== undefined && topImage(node) !== undefined ? [node, ...inside] : inside;
}
