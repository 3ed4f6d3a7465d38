import { type Bounds, boundsOf, intersect } from '../../shared/picture/geometry.ts';
import { type Layer, shownRaster } from './layer.ts';
import type { PictureDocument } from './picture-document.ts';
import type { Raster } from './raster.ts';

/**
 * Writes the pixels of the document inside `bounds` into `target`: the base, and over it the visible layers from the
 * bottom, each as fill * m + under * (1 - m) with m = mask * opacity / 255, m in steps of 1/255, rounded to nearest as the
 * engine composites (engine/image/composite.ts). Where no layer's mask is above 0 the bytes are the base's own, hidden
 * colours included; outside the base they are 0.
 *
 * @param target bounds.width * bounds.height * 4 bytes, straight RGBA; every one is written.
 */
export function flattenInto(
  target: Uint8ClampedArray | Uint8Array,
  document: PictureDocument,
  bounds: Bounds,
): void {
  drawBase(target, document, bounds);
  for (const layer of document.layers) {
    if (layer.isVisible && layer.opacity > 0) drawLayer(target, layer, bounds);
  }
}

/** The document's pixels as a raster of their own. */
export function flattened(document: PictureDocument, bounds: Bounds = boundsOf(document.size)): Raster {
  const data = new Uint8ClampedArray(bounds.width * bounds.height * 4);
  flattenInto(data, document, bounds);
  return { width: bounds.width, height: bounds.height, data };
}

function drawBase(
  target: Uint8ClampedArray | Uint8Array,
  { base, baseOffset }: PictureDocument,
  bounds: Bounds,
): void {
  const area = intersect(bounds, { ...boundsOf(base), left: baseOffset.x, top: baseOffset.y });
  if (area.width !== bounds.width || area.height !== bounds.height) target.fill(0);
  for (let y = area.top; y < area.top + area.height; y++) {
    const from = ((y - baseOffset.y) * base.width + area.left - baseOffset.x) * 4;
    const to = ((y - bounds.top) * bounds.width + area.left - bounds.left) * 4;
    target.set(base.data.subarray(from, from + area.width * 4), to);
  }
}

function drawLayer(target: Uint8ClampedArray | Uint8Array, layer: Layer, bounds: Bounds): void {
  const { data } = shownRaster(layer);
  const weights = Uint8Array.from({ length: 256 }, (_, m) => Math.round(m * layer.opacity));
  const area = intersect(bounds, layer.bounds);
  for (let y = area.top; y < area.top + area.height; y++) {
    const layerRow = (y - layer.bounds.top) * layer.bounds.width - layer.bounds.left;
    const targetRow = (y - bounds.top) * bounds.width - bounds.left;
    for (let x = area.left; x < area.left + area.width; x++) {
      const m = weights[layer.mask[layerRow + x]!]!;
      if (m === 0) continue;
      const from = (layerRow + x) * 4;
      const to = (targetRow + x) * 4;
      const underAlpha = target[to + 3]!;
      const fillAlpha = data[from + 3]!;
      if (m === 255) {
        for (let c = 0; c < 4; c++) target[to + c] = data[from + c]!;
      } else if (underAlpha === fillAlpha) {
        for (let c = 0; c < 3; c++) target[to + c] = mix(target[to + c]!, data[from + c]!, m);
      } else {
        // Colour goes in proportion to opacity, so that what transparent pixels hide does not bleed in.
        const underWeight = underAlpha * (255 - m);
        const fillWeight = fillAlpha * m;
        for (let c = 0; c < 3; c++) {
          const sum = target[to + c]! * underWeight + data[from + c]! * fillWeight;
          target[to + c] = Math.floor(sum / (underWeight + fillWeight) + 0.5);
        }
        target[to + 3] = mix(underAlpha, fillAlpha, m);
      }
    }
  }
}

/** (v + 127) / 255 rounded down is v / 255 rounded to nearest: 255 is odd, so there are no ties. */
function mix(under: number, fill: number, m: number): number {
  return Math.trunc((fill * m + under * (255 - m) + 127) / 255);
}
