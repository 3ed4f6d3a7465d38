/** Values on a grid of which some are unknown. */
export interface WeightedGrid {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** [height, width, channels] */
  readonly values: Float64Array;
  /** [height, width]: how far each is known, 0 = not at all to 1 = fully. */
  readonly weights: Float64Array;
}

/**
 * The grid with the unknown values filled in smoothly: near known ones they follow these, far from them their mean over
 * an area as large as the distance. By averages at halved sizes and back (pull-push; Gortler et al., The lumigraph,
 * 1996, section 3.4), in time linear in the grid. Fully known values stay; one value everywhere is that value
 * everywhere; where nothing is known at all, 0.
 */
export function pullPush(grid: WeightedGrid): Float64Array {
  const { width, height, channels, weights } = grid;
  if (width === 1 && height === 1) {
    return weights[0]! > 0 ? grid.values.slice() : new Float64Array(channels);
  }
  const coarse = pull(grid);
  const filled = { ...coarse, values: pullPush(coarse) };
  const result = new Float64Array(grid.values.length);
  const row = new Float64Array(width * channels);
  for (let y = 0; y < height; y++) {
    interpolateRow(row, filled, { x: 0.25, y: (y + 0.5) / 2, step: 0.5 });
    const first = y * width;
    for (let x = 0; x < width; x++) {
      const weight = weights[first + x]!;
      for (let c = 0; c < channels; c++) {
        const i = (first + x) * channels + c;
        result[i] = weight * grid.values[i]! + (1 - weight) * row[x * channels + c]!;
      }
    }
  }
  return result;
}

/** Means of two by two, known as far as they together are. */
function pull({ width, height, channels, values, weights }: WeightedGrid): WeightedGrid {
  const coarseWidth = Math.ceil(width / 2);
  const coarseHeight = Math.ceil(height / 2);
  const coarse = {
    width: coarseWidth,
    height: coarseHeight,
    channels,
    values: new Float64Array(coarseWidth * coarseHeight * channels),
    weights: new Float64Array(coarseWidth * coarseHeight),
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const to = (y >> 1) * coarseWidth + (x >> 1);
      const weight = weights[i]!;
      coarse.weights[to]! += weight;
      for (let c = 0; c < channels; c++)
        coarse.values[to * channels + c]! += weight * values[i * channels + c]!;
    }
  }
  for (let i = 0; i < coarse.weights.length; i++) {
    const weight = coarse.weights[i]!;
    if (weight === 0) continue;
    for (let c = 0; c < channels; c++) coarse.values[i * channels + c]! /= weight;
    coarse.weights[i] = Math.min(1, weight);
  }
  return coarse;
}

/**
 * Values between those of a grid, bilinearly, edges continued. Places are in cells: the first cell's centre is at 0.5.
 *
 * @param target [count, channels]: values at (x, y), (x + step, y), (x + 2 step, y)...
 */
export function interpolateRow(
  target: Float64Array,
  grid: Omit<WeightedGrid, 'weights'>,
  at: { readonly x: number; readonly y: number; readonly step: number },
): void {
  const { width, height, channels, values } = grid;
  const y = Math.min(Math.max(at.y - 0.5, 0), height - 1);
  const top = Math.floor(y);
  const down = y - top;
  const above = top * width * channels;
  const below = Math.min(top + 1, height - 1) * width * channels;
  const vertical = (i: number) => values[above + i]! + (values[below + i]! - values[above + i]!) * down;
  const count = target.length / channels;
  for (let k = 0; k < count; k++) {
    const x = Math.min(Math.max(at.x + k * at.step - 0.5, 0), width - 1);
    const left = Math.floor(x);
    const right = Math.min(left + 1, width - 1);
    for (let c = 0; c < channels; c++) {
      const value = vertical(left * channels + c);
      target[k * channels + c] = value + (vertical(right * channels + c) - value) * (x - left);
    }
  }
}
