/** A document as other editors take it: every layer and every variation, as Photoshop's plugin lays them out there. */
import { boundsOf } from '../../shared/picture/geometry.ts';
import type { LayeredPicture, LayerNode, PixelLayer } from '../../shared/psd/layered-picture.ts';
import type { Layer } from '../document/layer.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { Raster } from '../document/raster.ts';

/**
 * The base at the bottom, and each layer over it: one of several variations is a group of them, of which the one that is
 * seen is visible.
 *
 * @param composite of the document's size, as all looks together.
 */
export function layeredPicture(document: PictureDocument, composite: Raster): LayeredPicture {
  const { base, baseOffset, layers, size } = document;
  const background: PixelLayer = {
    type: 'layer',
    name: 'Background',
    opacity: 1,
    isVisible: true,
    bounds: { ...boundsOf(base), left: baseOffset.x, top: baseOffset.y },
    rgba: base.data,
  };
  return { ...size, children: [background, ...layers.map(nodeOf)], composite: composite.data };
}

function nodeOf(layer: Layer): LayerNode {
  const { name, opacity, isVisible, bounds, shown } = layer;
  const mask = { bounds, values: layer.mask, outside: 0, isEnabled: true } as const;
  const variations = layer.variations.map(({ raster }, i): PixelLayer => {
    const own = { name: `Variation ${i + 1}`, opacity: 1, isVisible: i === shown };
    return { type: 'layer', ...own, bounds, rgba: raster.data, mask };
  });
  const [only, ...others] = variations;
  if (only && others.length === 0) return { ...only, name, opacity, isVisible };
  // The first on top.
  return { type: 'group', name, opacity, isVisible, children: variations.reverse() };
}
