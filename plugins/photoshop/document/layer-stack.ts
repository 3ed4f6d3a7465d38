/** Where in the stack of layers a result goes. In a modal scope. */
import type { Bounds } from '../../shared/picture/geometry.ts';
import type { Photoshop, PhotoshopDocument, PhotoshopLayer } from '../api/photoshop.ts';
import { selectNoLayer } from './batch-play.ts';
import { boundsFrom } from './imaging.ts';

/** A new layer, active, and at the top of all where Photoshop lets it. Rejects where it makes none. */
export async function newLayer(
  { action }: Photoshop,
  document: PhotoshopDocument,
  { name, isOnTop }: { readonly name: string; readonly isOnTop: boolean },
): Promise<PhotoshopLayer> {
  // Above the active layer it might land in a locked group. A document may have no layer to make inactive.
  if (isOnTop) await selectNoLayer(action).catch(() => {});
  const layer = await document.createPixelLayer({ name });
  if (layer === null) throw new Error(`no layer was made for "${name}"`);
  return layer;
}

export async function groupOf(
  document: PhotoshopDocument,
  { name, layers }: { readonly name: string; readonly layers: PhotoshopLayer[] },
): Promise<PhotoshopLayer> {
  const group = await document.createLayerGroup({ name, fromLayers: layers });
  if (group === null) throw new Error(`no group was made for "${name}"`);
  return group;
}

/**
 * Above everything that an area shows: it was taken from all layers together. In a document with artboards that is the top
 * of the artboard in which the middle of the area lies, since nothing outside of it is seen there.
 */
export function moveToTop(
  { constants }: Photoshop,
  document: PhotoshopDocument,
  { layer, area }: { readonly layer: PhotoshopLayer; readonly area: Bounds },
): void {
  const artboard = artboardAt(document, area);
  const [top] = artboard?.layers ?? document.layers;
  const { PLACEBEFORE, PLACEINSIDE } = constants.ElementPlacement;
  if (top !== undefined && top.id !== layer.id) layer.move(top, PLACEBEFORE);
  else if (top === undefined && artboard !== undefined) layer.move(artboard, PLACEINSIDE);
}

function artboardAt({ artboards }: PhotoshopDocument, area: Bounds): PhotoshopLayer | undefined {
  const [x, y] = [area.left + area.width / 2, area.top + area.height / 2];
  return Array.from(artboards).find((artboard) => {
    const { left, top, width, height } = boundsFrom(artboard.bounds);
    return x >= left && x < left + width && y >= top && y < top + height;
  });
}
