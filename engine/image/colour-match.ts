import { type Bounds, boundsOf, grow, intersect, maskBounds } from './bounds.ts';
import { dilateMask } from './mask.ts';
import {
  assertSameFormat,
  colourCount,
  hasAlpha,
  type Mask,
  maxSample,
  type Picture,
  storeRounded,
} from './picture.ts';
import { interpolateRow, pullPush, type WeightedGrid } from './pull-push.ts';

/**
 * The largest correction, as a part of full scale. A known pixel that was drawn differently by more than this counts
 * less, by more than twice this not at all: that is another thing, not another shade. Twenty fills by a barely trained
 * 9-channel model, whose rims were 25 levels off what is around them, came to 9 levels with 24 of 255, 8 with 32, 7 with
 * 48, and no closer with 64.
 */
export const MAX_COLOUR_SHIFT = 48 / 255;

/** Differences are averaged over squares of at least this side, in pixels: shade, not texture. */
const MIN_CELL_SIDE = 8;

export interface ColourMatchOptions {
  /** What was there; of the drawn picture's size and format. */
  readonly source: Picture;
  /** What is laid over the source: 0 = known. */
  readonly mask: Mask;
  /** How far from the mask known pixels are compared, in pixels. */
  readonly bandWidth: number;
}

/**
 * What a model drew, brought to the shade of what it is laid over. In a band just outside the mask it drew known pixels
 * again: by how much it missed them, on average and colour by colour, it is taken to miss beside them as well. Local at
 * the seam; deeper inside, the mean of the seam around (pull-push.ts). A shift only, no gain: a gain measured on a band
 * of one shade would be a guess. Where the mask is 0, the source, bit for bit. Alpha stays as drawn.
 *
 * @returns As large as the drawn picture.
 */
export function matchColour(drawn: Picture, { source, mask, bandWidth }: ColourMatchOptions): Picture {
  assertSameFormat(drawn, source);
  for (const part of [source, mask]) {
    if (part.width !== drawn.width || part.height !== drawn.height) {
      throw new RangeError(
        `Expected source and mask of ${drawn.width} x ${drawn.height} px, received ${part.width} x ${part.height} px`,
      );
    }
  }
  const data = source.data.slice();
  const changed = maskBounds(mask);
  if (changed === null) return { ...drawn, data };

  const area = intersect(grow(changed, bandWidth), boundsOf(mask));
  const cellSide = Math.max(MIN_CELL_SIDE, bandWidth);
  const band = dilateMask(mask, { radius: bandWidth, bounds: changed });
  const grid = measureShift(drawn, { source, mask, band, area, cellSide });
  const shift = { ...grid, values: pullPush(grid) };

  const { channels, width } = drawn;
  const moved = new Float64Array(changed.width * grid.channels);
  const pixel = new Float64Array(channels);
  const x = (changed.left - area.left + 0.5) / cellSide;
  for (let row = 0; row < changed.height; row++) {
    const y = (changed.top - area.top + row + 0.5) / cellSide;
    interpolateRow(moved, shift, { x, y, step: 1 / cellSide });
    for (let column = 0; column < changed.width; column++) {
      const i = (changed.top + row) * width + changed.left + column;
      if (mask.data[i] === 0) continue;
      for (let c = 0; c < channels; c++) {
        const by = c < grid.channels ? moved[column * grid.channels + c]! : 0;
        pixel[c] = drawn.data[i * channels + c]! + by;
      }
      storeRounded(data, pixel, { offset: i * channels, scale: 1 });
    }
  }
  return { ...drawn, data };
}

/** Mean difference source - drawn of the band's pixels in each cell of the area, and how much it says. */
function measureShift(
  drawn: Picture,
  options: {
    readonly source: Picture;
    readonly mask: Mask;
    /** Above 0 in the band and in the mask. */
    readonly band: Mask;
    readonly area: Bounds;
    readonly cellSide: number;
  },
): WeightedGrid {
  const { source, mask, band, area, cellSide } = options;
  const { channels } = drawn;
  const colours = colourCount(channels);
  const max = maxSample(drawn.data);
  const limit = MAX_COLOUR_SHIFT * max;
  const width = Math.ceil(area.width / cellSide);
  const height = Math.ceil(area.height / cellSide);
  const values = new Float64Array(width * height * colours);
  const weights = new Float64Array(width * height);
  for (let y = 0; y < area.height; y++) {
    for (let x = 0; x < area.width; x++) {
      const i = (area.top + y) * mask.width + area.left + x;
      if (mask.data[i] !== 0 || band.data[i] === 0) continue;
      const at = i * channels;
      let largest = 0;
      for (let c = 0; c < colours; c++) {
        largest = Math.max(largest, Math.abs(source.data[at + c]! - drawn.data[at + c]!));
      }
      const opacity = hasAlpha(channels) ? source.data[at + colours]! / max : 1;
      const weight = opacity * Math.min(1, Math.max(0, 2 - largest / limit));
      const cell = Math.floor(y / cellSide) * width + Math.floor(x / cellSide);
      weights[cell]! += weight;
      for (let c = 0; c < colours; c++) {
        values[cell * colours + c]! += weight * (source.data[at + c]! - drawn.data[at + c]!);
      }
    }
  }
  for (let cell = 0; cell < weights.length; cell++) {
    const weight = weights[cell]!;
    if (weight === 0) continue;
    for (let c = 0; c < colours; c++) {
      const mean = values[cell * colours + c]! / weight;
      values[cell * colours + c] = Math.min(limit, Math.max(-limit, mean));
    }
    // A row of the cell is as much as a whole one: a band crosses few cells in full.
    weights[cell] = Math.min(1, weight / cellSide);
  }
  return { width, height, channels: colours, values, weights };
}
