import { colourCount, maxSample, type Samples } from '../../image/picture.ts';
import { type Band, FEATURES, type Field, HOLE, type Level } from '../level.ts';
import type { Canvas } from './composite.ts';

/** Most that a thin hole's smooth surface counts for. */
const MAX_SHARE = 0.25;

/** Mean squared difference of a feature at which it counts for half of that, where there is no texture. */
const LIKELY_DIFFERENCE = 16;

/** The stronger the texture, the less a difference means: of a texture feature this large, one level. */
const TEXTURE_UNIT = 8;

/**
 * Mixes the smooth surface that a thin hole started from into the copied samples of the band: the less a patch resembles
 * what it was matched with, the more of its detail is a guess, and the nearer its mean with the surface is to the truth.
 *
 * @param options `smooth`: samples like the canvas's.
 */
export function blendSmooth(
  level: Level,
  { costs, pixels }: Field,
  options: { readonly canvas: Canvas; readonly smooth: Samples; readonly band: Band },
): void {
  const { width, roles, radius, targets } = level;
  const { canvas, smooth, band } = options;
  const { samples, channels, mask } = canvas;
  const colours = colourCount(channels);
  const limit = maxSample(samples);
  const area = FEATURES * (2 * radius + 1) ** 2;
  for (let y = band.top; y < band.bottom; y++) {
    for (let x = targets.left; x < targets.left + targets.width; x++) {
      const pixel = y * width + x;
      if (mask[pixel] === 0 || (roles[pixel]! & HOLE) === 0) continue;
      const at = pixel * channels;
      if (colours < channels && (samples[at + colours] !== limit || smooth[at + colours] !== limit)) continue;
      const cost = costs[(y - targets.top) * targets.width + (x - targets.left)]!;
      const texture = pixels[pixel * FEATURES + 3]! / TEXTURE_UNIT;
      const likely = area * (LIKELY_DIFFERENCE + texture * texture);
      const share = (MAX_SHARE * cost) / (cost + likely);
      for (let i = at; i < at + colours; i++) {
        samples[i] = Math.floor(samples[i]! + share * (smooth[i]! - samples[i]!) + 0.5);
      }
    }
  }
}
