/** What a document shows: its layers laid over each other, to the bit as a mask of an engine's result is defined. */
import {
  boundsOfLayer,
  canvasOf,
  type DocumentState,
  type LayerState,
  layerFormat,
  whiteOf,
} from './document-state.ts';
import type { Raster } from './raster.ts';
import { heightOf, intersection, type Rectangle, widthOf } from './rectangle.ts';
import { allocate, type BitDepth, maxOf, type Samples } from './samples.ts';

/** Colours and straight alpha, interleaved. Bounds may reach beyond the canvas, where nothing is. */
export function composite(state: DocumentState, bounds: Rectangle): Samples {
  const { channels, depth } = layerFormat(state);
  const only = onlyLayerIn(state, bounds);
  if (only !== undefined) return only.read(bounds);
  const backdrop = allocate(depth, widthOf(bounds) * heightOf(bounds) * channels);
  paintLayers(state.layers, { state, bounds, backdrop, channels, depth });
  return backdrop;
}

/** Of the one layer that is seen there, where it is all that is seen: most of what is asked for lies in a Background. */
function onlyLayerIn({ layers }: DocumentState, bounds: Rectangle): Raster | undefined {
  const seen = layers.filter((layer) => {
    const content = layer.isVisible ? boundsOfLayer(layer) : undefined;
    return content !== undefined && intersection(content, bounds) !== undefined;
  });
  const [only] = seen;
  const isPlain = seen.length === 1 && only!.mask === undefined && only!.opacity === 100;
  return isPlain && only!.kind === 'pixel' ? only!.raster : undefined;
}

/** Whether the document can be transparent anywhere: one with a Background cannot. */
export function isOpaque({ layers }: DocumentState): boolean {
  return layers.some((layer) => layer.isBackground && layer.isVisible);
}

interface Canvas {
  readonly state: DocumentState;
  readonly bounds: Rectangle;
  readonly backdrop: Samples;
  readonly channels: number;
  readonly depth: BitDepth;
}

function paintLayers(layers: readonly LayerState[], canvas: Canvas): void {
  for (const layer of layers.toReversed()) {
    if (layer.isVisible && layer.opacity > 0) paintLayer(layer, canvas);
  }
}

function paintLayer(layer: LayerState, canvas: Canvas): void {
  const mask = layer.mask?.isEnabled ? layer.mask.raster : undefined;
  if (layer.children === undefined) {
    const content = layer.raster?.contentBounds();
    const part = content && intersection(content, canvas.bounds);
    if (part === undefined) return;
    blend(layer.raster!.read(part), { part, mask: mask?.read(part), opacity: layer.opacity, canvas });
    return;
  }
  const isPassThrough = mask === undefined && layer.opacity === 100 && layer.artboard === undefined;
  if (isPassThrough) {
    paintLayers(layer.children, canvas);
    return;
  }
  const part = layer.artboard ? intersection(layer.artboard, canvas.bounds) : canvas.bounds;
  if (part === undefined) return;
  const { depth, channels } = canvas;
  const backdrop = allocate(depth, widthOf(part) * heightOf(part) * channels);
  if (layer.artboard !== undefined) {
    const white = whiteOf(canvas.state);
    for (let i = 0; i < backdrop.length; i++) backdrop[i] = white[i % channels]!;
  }
  paintLayers(layer.children, { ...canvas, bounds: part, backdrop });
  blend(backdrop, { part, mask: mask?.read(part), opacity: layer.opacity, canvas });
}

interface Blending {
  /** Where the samples lie; inside the canvas' bounds. */
  readonly part: Rectangle;
  readonly mask: Samples | undefined;
  readonly opacity: number;
  readonly canvas: Canvas;
}

function blend(samples: Samples, { part, mask, opacity, canvas }: Blending): void {
  const { bounds, backdrop, channels, depth } = canvas;
  const max = maxOf[depth];
  const colours = channels - 1;
  const width = widthOf(part);
  const round = depth === 32 ? (v: number) => v : (v: number) => Math.floor(v + 0.5);
  for (let y = part.top; y < part.bottom; y++) {
    let from = (y - part.top) * width * channels;
    let to = ((y - bounds.top) * widthOf(bounds) + part.left - bounds.left) * channels;
    let m = (y - part.top) * width;
    for (let x = part.left; x < part.right; x++, from += channels, to += channels, m++) {
      let alpha = samples[from + colours]!;
      if (mask !== undefined) alpha = round((alpha * mask[m]!) / max);
      if (opacity < 100) alpha = round((alpha * opacity) / 100);
      if (alpha === 0) continue;
      const under = backdrop[to + colours]!;
      if (alpha === max || under === 0) {
        for (let c = 0; c < colours; c++) backdrop[to + c] = samples[from + c]!;
        backdrop[to + colours] = alpha;
        continue;
      }
      const underWeight = under * (max - alpha);
      const weight = alpha * max + underWeight;
      for (let c = 0; c < colours; c++) {
        backdrop[to + c] = round(
          (samples[from + c]! * alpha * max + backdrop[to + c]! * underWeight) / weight,
        );
      }
      backdrop[to + colours] = round(weight / max);
    }
  }
}

/** The composite of the whole canvas in strips, for documents that are not to be held whole. */
export function* compositeStrips(
  state: DocumentState,
  rows = 256,
): Generator<{ bounds: Rectangle; samples: Samples }> {
  const canvas = canvasOf(state);
  for (let top = 0; top < canvas.bottom; top += rows) {
    const bounds = { ...canvas, top, bottom: Math.min(canvas.bottom, top + rows) };
    yield { bounds, samples: composite(state, bounds) };
  }
}
