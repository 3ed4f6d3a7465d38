import fc from 'fast-check';
import type { JobRequest } from '../../../../bridge/protocol/messages.ts';
import type { Bounds, Size } from '../../../../plugins/shared/picture/geometry.ts';
import type { Layer } from '../../../../plugins/web/document/layer.ts';
import type { Raster } from '../../../../plugins/web/document/raster.ts';
import { Selection } from '../../../../plugins/web/document/selection.ts';

/** Deterministic bytes: any value, cheap. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 13;
  }
  return bytes;
}

export function noiseRaster({ width, height }: Size, seed = 1): Raster {
  return { width, height, data: new Uint8ClampedArray(noise(width * height * 4, seed).buffer) };
}

/** Small canvases, and ones that end just before, on and after the edge of a tile. */
export const anySize: fc.Arbitrary<Size> = fc.record({
  width: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(255, 256, 257, 300, 513)),
  height: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(255, 256, 257, 300)),
});

/** Bounds that may hang over the canvas. */
export function boundsNear({ width, height }: Size): fc.Arbitrary<Bounds> {
  return fc.record({
    left: fc.integer({ min: -20, max: width }),
    top: fc.integer({ min: -20, max: height }),
    width: fc.integer({ min: 1, max: width + 30 }),
    height: fc.integer({ min: 1, max: height + 30 }),
  });
}

/** A canvas with a soft mask somewhere on it. */
export const anySelection: fc.Arbitrary<Selection> = anySize
  .chain((size) => fc.tuple(fc.constant(size), boundsNear(size), fc.nat(1000)))
  .map(([size, bounds, seed]) => Selection.fromMask(noise(bounds.width * bounds.height, seed), bounds, size));

/** All values of the canvas, row by row. */
export function valuesOf(selection: Selection): number[] {
  const values: number[] = [];
  for (let y = 0; y < selection.size.height; y++) {
    for (let x = 0; x < selection.size.width; x++) values.push(selection.value(x, y));
  }
  return values;
}

export const fillRequest: JobRequest = { operation: 'fill', seed: 1 };

export function layerOf(
  id: string,
  bounds: Bounds,
  options: Partial<Layer> & { readonly canvas: Size; readonly seed?: number },
): Layer {
  const { canvas, seed = 1, ...rest } = options;
  return {
    id,
    name: id,
    operation: 'fill',
    bounds,
    variations: [0, 1].map((i) => ({ raster: noiseRaster(bounds, seed + i), request: fillRequest })),
    shown: 0,
    mask: noise(bounds.width * bounds.height, seed + 7),
    selected: Selection.empty(canvas),
    opacity: 1,
    isVisible: true,
    ...rest,
  };
}
