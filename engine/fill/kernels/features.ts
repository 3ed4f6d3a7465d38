import type { Channels, Samples } from '../../image/picture.ts';
import { type Band, FEATURES, HOLE } from '../level.ts';

/** What transparent pixels look like to the search, whatever colour is hidden in them: mid grey. */
const TRANSPARENT = 128;

/** 0..255 of a sample of either depth, rounded to nearest. */
function toByte(sample: number, sixteenBit: boolean): number {
  return sixteenBit ? (sample - (sample >> 8) + 128) >> 8 : sample;
}

/** Red, green and blue of every pixel in the band, 8 bits each; grey thrice, and alpha laid over mid grey. */
export function colourFeatures(
  samples: Samples,
  { channels, width, band, pixels }: { channels: Channels; width: number; band: Band; pixels: Uint8Array },
): void {
  const sixteenBit = samples instanceof Uint16Array;
  const colours = channels >= 3 ? 3 : 1;
  const alphaAt = channels === 2 || channels === 4 ? channels - 1 : -1;
  for (let i = band.top * width; i < band.bottom * width; i++) {
    const alpha = alphaAt === -1 ? 255 : toByte(samples[i * channels + alphaAt]!, sixteenBit);
    for (let c = 0; c < 3; c++) {
      const value = toByte(samples[i * channels + (colours === 3 ? c : 0)]!, sixteenBit);
      pixels[i * FEATURES + c] =
        alpha === 255 ? value : Math.floor((value * alpha + TRANSPARENT * (255 - alpha) + 127) / 255);
    }
  }
}

/** The texture feature is the mean gradient over a square of this radius. */
const TEXTURE_RADIUS = 2;

/** The texture feature's weight against colour, before squaring. */
const TEXTURE_SCALE = 3;

/**
 * The fourth feature, texture: mean of |dx| + |dy| of luma over 5x5 known pixels (Newson et al. 2014, section 3.3),
 * scaled. Written beside the colours of the band; reads colours up to three rows outside it.
 */
export function textureFeature(
  pixels: Uint8Array,
  options: { width: number; height: number; roles: Uint8Array; band: Band },
): void {
  const { width, height, roles, band } = options;
  const firstRow = Math.max(band.top - TEXTURE_RADIUS, 0);
  const endRow = Math.min(band.bottom + TEXTURE_RADIUS, height);
  // Gradients and whether they are known, of the band's rows and those around; a border pixel has no gradient.
  const gradients = new Uint16Array((endRow - firstRow) * width);
  const known = new Uint8Array((endRow - firstRow) * width);
  const luma = (i: number) =>
    2 * pixels[i * FEATURES]! + 5 * pixels[i * FEATURES + 1]! + pixels[i * FEATURES + 2]!;
  for (let y = firstRow; y < Math.min(endRow, height - 1); y++) {
    for (let x = 0; x < width - 1; x++) {
      const i = y * width + x;
      if (((roles[i]! | roles[i + 1]! | roles[i + width]!) & HOLE) !== 0) continue;
      const at = (y - firstRow) * width + x;
      const here = luma(i);
      gradients[at] = Math.abs(luma(i + 1) - here) + Math.abs(luma(i + width) - here);
      known[at] = 1;
    }
  }
  const sums = new Uint32Array(width);
  const counts = new Uint16Array(width);
  for (let y = band.top; y < band.bottom; y++) {
    sums.fill(0);
    counts.fill(0);
    for (
      let from = Math.max(y - TEXTURE_RADIUS, 0);
      from <= Math.min(y + TEXTURE_RADIUS, height - 1);
      from++
    ) {
      const start = (from - firstRow) * width;
      for (let x = 0; x < width; x++) {
        sums[x]! += gradients[start + x]!;
        counts[x]! += known[start + x]!;
      }
    }
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let count = 0;
      const right = Math.min(x + TEXTURE_RADIUS, width - 1);
      for (let from = Math.max(x - TEXTURE_RADIUS, 0); from <= right; from++) {
        sum += sums[from]!;
        count += counts[from]!;
      }
      // Luma is in eighths.
      const mean = count === 0 ? 0 : Math.floor((TEXTURE_SCALE * sum) / (8 * count));
      pixels[(y * width + x) * FEATURES + 3] = Math.min(mean, 255);
    }
  }
}

/** Taps 1 3 3 1 of the 2:1 reduction: no aliasing of what the coarser level cannot hold. */
const TAPS = [1, 3, 3, 1] as const;

/** Half the size: the known pixels only, weighted 1 3 3 1 each way. Hole pixels of the coarser level are left alone. */
export function downsample(
  fine: { width: number; height: number; roles: Uint8Array; pixels: Uint8Array },
  coarse: { width: number; roles: Uint8Array; pixels: Uint8Array; band: Band },
): void {
  const { width, height, roles, pixels } = fine;
  for (let y = coarse.band.top; y < coarse.band.bottom; y++) {
    for (let x = 0; x < coarse.width; x++) {
      const to = y * coarse.width + x;
      if ((coarse.roles[to]! & HOLE) !== 0) continue;
      let total = 0;
      let red = 0;
      let green = 0;
      let blue = 0;
      let texture = 0;
      for (let j = 0; j < 4; j++) {
        const fromY = 2 * y - 1 + j;
        if (fromY < 0 || fromY >= height) continue;
        for (let i = 0; i < 4; i++) {
          const fromX = 2 * x - 1 + i;
          if (fromX < 0 || fromX >= width) continue;
          const from = fromY * width + fromX;
          if ((roles[from]! & HOLE) !== 0) continue;
          const weight = TAPS[i]! * TAPS[j]!;
          total += weight;
          red += weight * pixels[from * FEATURES]!;
          green += weight * pixels[from * FEATURES + 1]!;
          blue += weight * pixels[from * FEATURES + 2]!;
          texture += weight * pixels[from * FEATURES + 3]!;
        }
      }
      const half = total >> 1;
      coarse.pixels[to * FEATURES] = Math.floor((red + half) / total);
      coarse.pixels[to * FEATURES + 1] = Math.floor((green + half) / total);
      coarse.pixels[to * FEATURES + 2] = Math.floor((blue + half) / total);
      coarse.pixels[to * FEATURES + 3] = Math.floor((texture + half) / total);
    }
  }
}

/** 3x3 means of the known pixels in the band: the low band of the split vote. */
export function lowBand(
  pixels: Uint8Array,
  options: { width: number; height: number; roles: Uint8Array; low: Uint8Array; band: Band },
): void {
  const { width, height, roles, low, band } = options;
  for (let y = band.top; y < band.bottom; y++) {
    const bottom = Math.min(y + 1, height - 1);
    for (let x = 0; x < width; x++) {
      const to = y * width + x;
      if ((roles[to]! & HOLE) !== 0) continue;
      const right = Math.min(x + 1, width - 1);
      let count = 0;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let fromY = Math.max(y - 1, 0); fromY <= bottom; fromY++) {
        for (let fromX = Math.max(x - 1, 0); fromX <= right; fromX++) {
          const from = fromY * width + fromX;
          if ((roles[from]! & HOLE) !== 0) continue;
          count++;
          red += pixels[from * FEATURES]!;
          green += pixels[from * FEATURES + 1]!;
          blue += pixels[from * FEATURES + 2]!;
        }
      }
      low[to * FEATURES] = Math.floor((red + (count >> 1)) / count);
      low[to * FEATURES + 1] = Math.floor((green + (count >> 1)) / count);
      low[to * FEATURES + 2] = Math.floor((blue + (count >> 1)) / count);
    }
  }
}
