import { boundsOf, grow } from '../../shared/picture/geometry.ts';
import { flattenInto } from '../document/composite.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { Selection } from '../document/selection.ts';
import { isOpaque, reduced } from './downsample.ts';
import { PIECE_SIDE } from './tile.ts';
import type { TilePainter } from './tile-pyramid.ts';

/** Red, green, blue and alpha, each 0..255. */
export type Rgba = readonly [number, number, number, number];

/** Paints the flattened document. */
export function documentPainter(document: PictureDocument): TilePainter {
  const scratch = new Uint8ClampedArray(PIECE_SIDE * PIECE_SIDE * 4);
  return {
    reach: 0,
    paint: (bounds, level) => {
      const { width, height } = bounds;
      const data = scratch.subarray(0, width * height * 4);
      flattenInto(data, document, bounds);
      const pixels = { width, height, data };
      const opaque = isOpaque(pixels);
      return { ...reduced(pixels, { times: level, isOpaque: opaque }), isOpaque: opaque };
    },
  };
}

/**
 * Paints a selection: a tint as strong as the pixel is selected, and a line of light and dark dashes along its rim (where
 * it passes 50 %), so that it is seen on any picture.
 */
export function selectionPainter(selection: Selection, tint: Rgba): TilePainter {
  const [red, green, blue, alpha] = tint;
  return {
    reach: 1,
    paint: (bounds, level) => {
      const step = 2 ** level;
      const width = Math.ceil(bounds.width / step);
      const height = Math.ceil(bounds.height / step);
      // One reduced pixel more on each side, by which the rim is told.
      const around = grow(
        { left: bounds.left, top: bounds.top, width: width * step, height: height * step },
        step,
      );
      if (!selection.meets(around)) return null;
      if (selection.isFullIn(around)) {
        const data = new Uint8ClampedArray(width * height * 4);
        new Uint32Array(data.buffer).fill(wordOf(tint));
        return { width, height, data, isOpaque: false };
      }
      const stride = width + 2;
      const mask = selection.cropReduced(
        { left: around.left / step, top: around.top / step, width: stride, height: height + 2 },
        level,
      );
      const canvas = boundsOf(selection.size);
      const data = new Uint8ClampedArray(width * height * 4);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const at = (y + 1) * stride + x + 1;
          const value = mask[at]!;
          if (value === 0) continue;
          const to = (y * width + x) * 4;
          const isRim =
            value >= 128 &&
            (mask[at - 1]! < 128 ||
              mask[at + 1]! < 128 ||
              mask[at - stride]! < 128 ||
              mask[at + stride]! < 128);
          // At the canvas' own edge there is no rim to show: the picture ends there.
          if (isRim && !touchesEdge(bounds.left + x * step, bounds.top + y * step, { step, canvas })) {
            // Dashes in every direction that a straight rim is likely to have.
            const shade = ((x + 2 * y) >> 2) & 1 ? 255 : 0;
            data[to] = data[to + 1] = data[to + 2] = shade;
            data[to + 3] = 230;
          } else {
            data[to] = red;
            data[to + 1] = green;
            data[to + 2] = blue;
            data[to + 3] = (alpha * value) / 255;
          }
        }
      }
      return { width, height, data, isOpaque: false };
    },
  };
}

/** As it is in memory, whatever the order of bytes there. */
function wordOf(color: Rgba): number {
  return new Uint32Array(Uint8ClampedArray.from(color).buffer)[0]!;
}

function touchesEdge(
  left: number,
  top: number,
  {
    step,
    canvas,
  }: { readonly step: number; readonly canvas: { readonly width: number; readonly height: number } },
): boolean {
  return left === 0 || top === 0 || left + step >= canvas.width || top + step >= canvas.height;
}
