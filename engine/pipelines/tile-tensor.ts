import type { Bounds, Size } from '../image/bounds.ts';
import { allocateSamples, type Channels, maxSample, type Picture, type Samples } from '../image/picture.ts';
import type { Tensor } from '../runtime/session.ts';

/**
 * A part of a picture as a network's input: float32 [1, 3, height, width] in [0, 1]. Grey becomes three equal planes,
 * alpha is left out. Where `size` is larger than the part, its last row and column are repeated.
 */
export function cutTile(picture: Picture, part: Bounds, size: Size): Tensor {
  const { data, channels } = picture;
  const factor = 1 / maxSample(data);
  const plane = size.width * size.height;
  const tile = new Float32Array(3 * plane);
  // Offsets of red, green and blue from a pixel's first sample.
  const offsets = channels >= 3 ? [0, 1, 2] : [0, 0, 0];
  for (let y = 0, to = 0; y < size.height; y++) {
    const row = (part.top + Math.min(y, part.height - 1)) * picture.width + part.left;
    for (let x = 0; x < size.width; x++, to++) {
      const from = (row + Math.min(x, part.width - 1)) * channels;
      for (let c = 0; c < 3; c++) tile[c * plane + to] = data[from + offsets[c]] * factor;
    }
  }
  return { shape: [1, 3, size.height, size.width], data: tile };
}

/**
 * RGB rows in the channels of the source: of grey the mean of the three planes, with alpha (one sample a pixel) where
 * the source has it.
 */
export function withChannels(rgb: Samples, channels: Channels, alpha: Samples | undefined): Samples {
  if (channels === 3) return rgb;
  const pixels = rgb.length / 3;
  const rows = allocateSamples(rgb, pixels * channels);
  const isColour = channels === 4;
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += 3, to += channels) {
    if (isColour) {
      rows[to] = rgb[from];
      rows[to + 1] = rgb[from + 1];
      rows[to + 2] = rgb[from + 2];
    } else rows[to] = Math.round((rgb[from] + rgb[from + 1] + rgb[from + 2]) / 3);
  }
  if (alpha !== undefined) for (let i = 0; i < pixels; i++) rows[(i + 1) * channels - 1] = alpha[i];
  return rows;
}
