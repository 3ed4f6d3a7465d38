import { type Channels, hasAlpha, maxSample, type Samples } from '../../image/picture.ts';
import { type Band, FEATURES, type Field, HOLE, type Level } from '../level.ts';
import { adaptedMeans, createVotes, gatherVotes } from './vote.ts';

/** The picture's own samples and mask over the working area; samples are changed in place where the mask is not 0. */
export interface Canvas {
  readonly samples: Samples;
  readonly channels: Channels;
  readonly mask: Uint8Array;
}

/** A pixel that is a copy of none. */
export const NO_COPY = -1;

/** The low band's correction is computed in 1/16 levels, so that 16-bit pictures keep smooth gradients. */
const CORRECTION_SCALE = 16;

/**
 * The last vote, at the picture's own depth and with all its channels: each pixel of the band is copied from the best
 * patch over it, its low frequencies moved to the weighted mean of all of them. The mask's grey values are left to whoever
 * lays the result over the picture. Known pixels, which are all that is copied from, are never written: bands may run at the same time.
 */
export function compositeBand(
  level: Level,
  field: Field,
  options: {
    readonly canvas: Canvas;
    readonly band: Band;
    readonly front: 0 | 1;
    /** Where each pixel of the targets' bounds was copied from is written here, or `NO_COPY`. */
    readonly copies: Int32Array;
  },
): void {
  const { width, roles, targets } = level;
  const low = level.low!;
  const { canvas, band, front, copies } = options;
  const { samples, channels, mask } = canvas;
  const colours = hasAlpha(channels) ? channels - 1 : channels;
  const limit = maxSample(samples);
  const perLevel = limit / 255;
  const votes = createVotes();
  for (let y = band.top; y < band.bottom; y++) {
    for (let x = targets.left; x < targets.left + targets.width; x++) {
      const to = y * width + x;
      const i = (y - targets.top) * targets.width + (x - targets.left);
      copies[i] = NO_COPY;
      if (mask[to] === 0 || (roles[to]! & HOLE) === 0) continue;
      gatherVotes(votes, level, { field, front, x, y });
      if (votes.count === 0) continue;
      adaptedMeans(votes, low, CORRECTION_SCALE);
      const from = votes.sources[votes.best]!;
      copies[i] = from;
      // Features are laid over grey by alpha, so only between opaque pixels is a difference one of colour.
      const opaque = colours === channels || samples[from * channels + colours] === limit;
      for (let c = 0; c < channels; c++) {
        let value: number = samples[from * channels + c]!;
        if (c < colours && opaque) {
          const correction = votes.means[c]! - CORRECTION_SCALE * low[from * FEATURES + c]!;
          value += Math.floor((correction * perLevel + CORRECTION_SCALE / 2) / CORRECTION_SCALE);
          value = value < 0 ? 0 : Math.min(value, limit);
        }
        samples[to * channels + c] = value;
      }
    }
  }
}

/** Puts harmonic values (samples, not rounded) where the mask is not 0. */
export function compositeValues(canvas: Canvas, values: Float32Array): void {
  const { samples, channels, mask } = canvas;
  const limit = maxSample(samples);
  for (let i = 0; i < samples.length; i++) {
    if (mask[Math.floor(i / channels)] === 0) continue;
    samples[i] = Math.min(Math.max(Math.floor(values[i]! + 0.5), 0), limit);
  }
}
