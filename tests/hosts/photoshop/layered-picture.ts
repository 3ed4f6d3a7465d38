import type { Bounds } from '../../../plugins/shared/picture/geometry.ts';
import type { LayeredPicture, LayerNode } from '../../../plugins/shared/psd/layered-picture.ts';
import { composite } from './composite.ts';
import { canvasOf, type DocumentState, type LayerState } from './document-state.ts';
import type { Raster } from './raster.ts';
import { heightOf, type Rectangle, rectangleOf, widthOf } from './rectangle.ts';

/** What Photoshop would save of a document: all its layers. Throws for one that is not RGB with 8 bits a channel. */
export function layeredPicture(state: DocumentState): LayeredPicture {
  const { width, height, resolution, mode, depth, layers } = state;
  if (mode !== 'RGB' || depth !== 8) {
    throw new RangeError(`Expected an RGB document with 8 bits a channel, received ${mode} with ${depth}`);
  }
  return {
    width,
    height,
    pixelsPerInch: resolution,
    children: bottomFirst(layers),
    composite: composite(state, canvasOf(state)) as Uint8Array,
  };
}

function bottomFirst(layers: readonly LayerState[]): LayerNode[] {
  return layers.map(nodeOf).reverse();
}

function nodeOf({ name, opacity, isVisible, mask, children, raster }: LayerState): LayerNode {
  const look = {
    name,
    opacity: opacity / 100,
    isVisible,
    ...(mask && {
      mask: { ...contentOf(mask.raster), outside: outsideOf(mask.raster), isEnabled: mask.isEnabled },
    }),
  };
  if (children !== undefined) return { ...look, type: 'group', children: bottomFirst(children) };
  const { bounds, values } = raster ? contentOf(raster) : { bounds: noBounds, values: new Uint8Array(0) };
  return { ...look, type: 'layer', bounds, rgba: values };
}

const noBounds: Bounds = { left: 0, top: 0, width: 0, height: 0 };

function contentOf(raster: Raster): { readonly bounds: Bounds; readonly values: Uint8Array } {
  const content = raster.contentBounds() ?? rectangleOf(0, 0, 0, 0);
  return { bounds: boundsFrom(content), values: raster.read(content) as Uint8Array };
}

function boundsFrom(rectangle: Rectangle): Bounds {
  const { left, top } = rectangle;
  return { left, top, width: widthOf(rectangle), height: heightOf(rectangle) };
}

/** A mask hides or shows everything that it was not painted on. */
function outsideOf({ surroundings }: Raster): 0 | 255 {
  return surroundings === 0 ? 0 : 255;
}
