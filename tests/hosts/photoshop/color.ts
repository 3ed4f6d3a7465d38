/**
 * Colours of one document as another has them: by way of linear sRGB, as a colour management does it. The profiles are
 * simpler than real ones (CMYK is plain grey component replacement); what counts is that they differ.
 */
import { allocate, type BitDepth, depthOf, maxOf, type Samples, toDepth } from './samples.ts';

export type ColorMode = 'RGB' | 'Grayscale' | 'CMYK' | 'Lab';

export interface ColorSpace {
  readonly mode: ColorMode;
  /** `sRGB IEC61966-2.1`, `Adobe RGB (1998)`; of the other modes there is one each. */
  readonly profile: string;
}

export const srgbProfile = 'sRGB IEC61966-2.1';
export const adobeRgbProfile = 'Adobe RGB (1998)';

/** What a document without another profile has. */
export const workingProfiles: Readonly<Record<ColorMode, string>> = {
  RGB: srgbProfile,
  Grayscale: 'Gray Gamma 2.2',
  CMYK: 'U.S. Web Coated (SWOP) v2',
  Lab: 'Lab Color',
};

export const colorChannels: Readonly<Record<ColorMode, number>> = { RGB: 3, Grayscale: 1, CMYK: 4, Lab: 3 };

type Triple = [number, number, number];

interface Codec {
  decode(pixel: readonly number[]): Triple;
  encode(linear: Triple): readonly number[];
}

export interface Conversion {
  readonly from: ColorSpace;
  readonly to: ColorSpace;
  readonly depth: BitDepth;
  readonly hasAlpha: boolean;
}

/**
 * Interleaved pixels in other colours and another depth; alpha behind the colours stays. The very samples where nothing
 * changes.
 */
export function convertPixels(samples: Samples, { from, to, depth, hasAlpha }: Conversion): Samples {
  const oldDepth = depthOf(samples);
  const isSameColor = from.mode === to.mode && from.profile === to.profile;
  // Documents of 32 bits are linear, whatever their profile says.
  const isSameTransfer = (oldDepth === 32) === (depth === 32);
  if (isSameColor && isSameTransfer) return toDepth(samples, depth);
  const [oldMax, max] = [maxOf[oldDepth], maxOf[depth]];
  const [source, target] = [codecOf(from, oldDepth === 32), codecOf(to, depth === 32)];
  const [oldColours, colours] = [colorChannels[from.mode], colorChannels[to.mode]];
  const extra = hasAlpha ? 1 : 0;
  const count = samples.length / (oldColours + extra);
  const result = allocate(depth, count * (colours + extra));
  const round = depth === 32 ? (value: number) => value : Math.round;
  const pixel: number[] = new Array(oldColours).fill(0);
  for (let i = 0; i < count; i++) {
    const at = i * (oldColours + extra);
    for (let c = 0; c < oldColours; c++) pixel[c] = samples[at + c]! / oldMax;
    const encoded = target.encode(source.decode(pixel));
    const to = i * (colours + extra);
    for (let c = 0; c < colours; c++) result[to + c] = round(Math.min(1, Math.max(0, encoded[c]!)) * max);
    if (hasAlpha) result[to + colours] = round((samples[at + oldColours]! / oldMax) * max);
  }
  return result;
}

function codecOf({ mode, profile }: ColorSpace, isLinear: boolean): Codec {
  switch (mode) {
    case 'Grayscale':
      return grayCodec;
    case 'CMYK':
      return cmykCodec;
    case 'Lab':
      return labCodec;
    case 'RGB':
      if (isLinear) return linearCodec;
      if (profile === srgbProfile) return srgbCodec;
      if (profile === adobeRgbProfile) return adobeRgbCodec;
      throw new Error(`not modelled: the colour profile "${profile}"`);
  }
}

const toLinear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const toSrgb = (v: number) => (v <= 0.0031308 ? v * 12.92 : 1.055 * Math.max(0, v) ** (1 / 2.4) - 0.055);

function times(rows: readonly Triple[], [a, b, c]: readonly number[]): Triple {
  return rows.map((row) => row[0] * a! + row[1] * b! + row[2] * c!) as Triple;
}

const linearCodec: Codec = {
  decode: (pixel) => [pixel[0]!, pixel[1]!, pixel[2]!],
  encode: (linear) => linear,
};

const srgbCodec: Codec = {
  decode: (pixel) => pixel.map(toLinear) as Triple,
  encode: (linear) => linear.map(toSrgb),
};

/** Adobe RGB (1998) 2005-05: gamma 563/256, its primaries in linear sRGB. */
const adobeGamma = 563 / 256;
const adobeToSrgb: readonly Triple[] = [
  [1.39836, -0.39836, 0],
  [0, 1, 0],
  [0, -0.04293, 1.04293],
];
const srgbToAdobe: readonly Triple[] = [
  [0.71512, 0.28488, 0],
  [0, 1, 0],
  [0, 0.04116, 0.95884],
];
const adobeRgbCodec: Codec = {
  decode: (pixel) =>
    times(
      adobeToSrgb,
      pixel.map((v) => v ** adobeGamma),
    ),
  encode: (linear) => times(srgbToAdobe, linear).map((v) => Math.max(0, v) ** (1 / adobeGamma)),
};

const grayCodec: Codec = {
  decode: ([v]) => {
    const y = v! ** 2.2;
    return [y, y, y];
  },
  encode: ([r, g, b]) => [Math.max(0, 0.2126 * r + 0.7152 * g + 0.0722 * b) ** (1 / 2.2)],
};

const cmykCodec: Codec = {
  decode: ([c, m, y, k]) => [c!, m!, y!].map((ink) => toLinear((1 - ink) * (1 - k!))) as Triple,
  encode: (linear) => {
    const rgb = linear.map((v) => Math.min(1, Math.max(0, toSrgb(v))));
    const light = Math.max(...rgb);
    const inks = rgb.map((v) => (light === 0 ? 0 : 1 - v / light));
    return [...inks, 1 - light];
  },
};

const toXyz: readonly Triple[] = [
  [0.4124, 0.3576, 0.1805],
  [0.2126, 0.7152, 0.0722],
  [0.0193, 0.1192, 0.9505],
];
const fromXyz: readonly Triple[] = [
  [3.2406, -1.5372, -0.4986],
  [-0.9689, 1.8758, 0.0415],
  [0.0557, -0.204, 1.057],
];
const white: Triple = [0.9505, 1, 1.089];
/** CIE 1976 L*a*b*; L* of 0..100 and a*, b* of -128..127 as 0..1. */
const labCodec: Codec = {
  decode: ([l, a, b]) => {
    const fy = (l! * 100 + 16) / 116;
    const shares = [fy + (a! * 255 - 128) / 500, fy, fy - (b! * 255 - 128) / 200];
    const inverse = (t: number) => (t > 6 / 29 ? t ** 3 : (t - 4 / 29) * 3 * (6 / 29) ** 2);
    return times(
      fromXyz,
      shares.map((share, i) => inverse(share) * white[i]!),
    );
  },
  encode: (linear) => {
    const forward = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
    const [fx, fy, fz] = times(toXyz, linear).map((v, i) => forward(v / white[i]!)) as Triple;
    return [(116 * fy - 16) / 100, (500 * (fx - fy) + 128) / 255, (200 * (fy - fz) + 128) / 255];
  },
};
