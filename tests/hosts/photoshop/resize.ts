import { type DocumentState, type LayerState, layerFormat } from './document-state.ts';
import { Raster } from './raster.ts';
import type { Rectangle } from './rectangle.ts';

/** Image Size, by the nearest pixel: all layers, masks and the selection grow or shrink with the document. */
export function resized(
  state: DocumentState,
  { width, height }: { readonly width: number; readonly height: number },
): DocumentState {
  const scale = { x: width / state.width, y: height / state.height };
  const raster = (old: Raster, format = old.format) => scaled(old, { ...scale, format });
  const layer = (old: LayerState): LayerState => ({
    ...old,
    ...(old.raster && { raster: raster(old.raster, layerFormat(state)) }),
    ...(old.mask && { mask: { ...old.mask, raster: raster(old.mask.raster) } }),
    ...(old.children && { children: old.children.map(layer) }),
  });
  return {
    ...state,
    width,
    height,
    layers: state.layers.map(layer),
    ...(state.selection && { selection: raster(state.selection) }),
  };
}

function scaled(
  old: Raster,
  { x, y, format }: { readonly x: number; readonly y: number; readonly format: Raster['format'] },
): Raster {
  const content = old.contentBounds();
  const empty = Raster.empty(format, old.surroundings);
  if (content === undefined) return empty;
  const bounds: Rectangle = {
    left: Math.round(content.left * x),
    top: Math.round(content.top * y),
    right: Math.max(Math.round(content.left * x) + 1, Math.round(content.right * x)),
    bottom: Math.max(Math.round(content.top * y) + 1, Math.round(content.bottom * y)),
  };
  const pixels = old.read(content);
  const width = content.right - content.left;
  const { channels } = format;
  const within = (value: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(value)));
  const pattern = Raster.ofPattern(format, {
    bounds,
    paint(px, py, out, index) {
      const sx = within((px + 0.5) / x - content.left, width);
      const sy = within((py + 0.5) / y - content.top, content.bottom - content.top);
      for (let c = 0; c < channels; c++) out[index + c] = pixels[(sy * width + sx) * channels + c]!;
    },
  });
  return empty.written(bounds, pattern.read(bounds));
}
