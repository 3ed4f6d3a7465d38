import { type Bounds, boundsOf, contains } from './bounds.ts';
import { assertSameFormat, hasAlpha, type Mask, type Picture, type Samples } from './picture.ts';

/** What is laid over a picture: `fill` and `mask` are both as large as `at`, the place in the picture. */
export interface Layer {
  readonly fill: Picture;
  readonly mask: Mask;
  readonly at: Bounds;
}

/**
 * The source with the fill laid over it through the mask: fill * m + source * (1 - m), m = mask / 255, rounded to the
 * nearest sample value. Where the mask is 0 the source's samples are kept bit for bit, where it is 255 the fill's are
 * taken bit for bit, alpha included. Where source and fill differ in opacity, colour is mixed in proportion to it, so
 * that the colour hidden in transparent pixels does not bleed in.
 *
 * @returns A new picture in the source's format, with its ICC profile.
 */
export function compositeOver(source: Picture, { fill, mask, at }: Layer): Picture {
  assertSameFormat(source, fill);
  for (const part of [fill, mask]) {
    if (part.width !== at.width || part.height !== at.height) {
      throw new RangeError(
        `Expected fill and mask of ${at.width} x ${at.height} px, received ${part.width} x ${part.height} px`,
      );
    }
  }
  if (!contains(boundsOf(source), at)) throw new RangeError('Expected the layer to lie inside the picture');

  const { channels } = source;
  const data = source.data.slice();
  const blendPixel = hasAlpha(channels) ? blendStraightAlpha : blendOpaque;
  for (let y = 0; y < at.height; y++) {
    const maskRow = y * mask.width;
    const sourceRow = (at.top + y) * source.width + at.left;
    for (let x = 0; x < at.width; x++) {
      const m = mask.data[maskRow + x]!;
      if (m === 0) continue;
      const from = (maskRow + x) * channels;
      const to = (sourceRow + x) * channels;
      if (m === 255) {
        for (let c = 0; c < channels; c++) data[to + c] = fill.data[from + c]!;
      } else {
        blendPixel(data, { to, fill: fill.data, from, channels, m });
      }
    }
  }
  return { ...source, data };
}

interface PixelBlend {
  readonly to: number;
  readonly fill: Samples;
  readonly from: number;
  readonly channels: number;
  /** 1..254. */
  readonly m: number;
}

/** (v + 127) / 255 rounded down is v / 255 rounded to nearest: 255 is odd, so there are no ties. */
function mix(source: number, fill: number, m: number): number {
  return Math.trunc((fill * m + source * (255 - m) + 127) / 255);
}

function blendOpaque(data: Samples, { to, fill, from, channels, m }: PixelBlend): void {
  for (let c = 0; c < channels; c++) data[to + c] = mix(data[to + c]!, fill[from + c]!, m);
}

function blendStraightAlpha(data: Samples, { to, fill, from, channels, m }: PixelBlend): void {
  const colours = channels - 1;
  const sourceAlpha = data[to + colours]!;
  const fillAlpha = fill[from + colours]!;
  const sourceWeight = sourceAlpha * (255 - m);
  const fillWeight = fillAlpha * m;
  const weight = sourceWeight + fillWeight;
  const sameOpacity = sourceAlpha === fillAlpha;
  for (let c = 0; c < colours; c++) {
    const colour = data[to + c]!;
    data[to + c] = sameOpacity
      ? mix(colour, fill[from + c]!, m)
      : Math.floor((colour * sourceWeight + fill[from + c]! * fillWeight) / weight + 0.5);
  }
  data[to + colours] = mix(sourceAlpha, fillAlpha, m);
}
