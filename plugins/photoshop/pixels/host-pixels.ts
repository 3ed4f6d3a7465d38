/** Pixels as Photoshop gives them: cut to what has content, in the document's depth. */

import { type Bounds, intersect, rightOf, sameBounds } from '../../shared/picture/geometry.ts';
import type { HostSamples } from '../api/photoshop.ts';
import {
  depthOf,
  fromHost16Table,
  fromLinear,
  grayFromFloat,
  grayFromHost16Table,
  hostTables,
  type Samples,
} from './depth.ts';
import { inSlices } from './pace.ts';

export interface HostPixels {
  /** Interleaved, in rows from the top. */
  readonly samples: HostSamples;
  /** 1 and 3: opaque. 2 and 4: alpha is the last. */
  readonly components: number;
  /** Where in the document they lie. */
  readonly bounds: Bounds;
}

export interface SourcePixels {
  readonly format: 'rgb8' | 'rgba8' | 'rgb16' | 'rgba16';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * All of an area in a format of the server's: opaque pixels without alpha, and with it where some of the area has nothing,
 * which is transparent then. 16 bits for documents of 16 and of 32.
 *
 * @param pixels Nothing: the area is empty.
 */
export async function sourcePixels(pixels: HostPixels | undefined, area: Bounds): Promise<SourcePixels> {
  if (pixels === undefined) {
    return { format: 'rgba8', bytes: new Uint8Array(area.width * area.height * 4) };
  }
  const { samples, components, bounds } = pixels;
  const isWhole = sameBounds(bounds, area);
  const hasAlpha = components === 2 || components === 4 || !isWhole;
  const is8Bit = samples instanceof Uint8Array;
  const format = `${hasAlpha ? 'rgba' : 'rgb'}${is8Bit ? 8 : 16}` as const;
  const channels = hasAlpha ? 4 : 3;
  if (is8Bit && isWhole && components === channels) return { format, bytes: samples };
  const length = area.width * area.height * channels;
  const target = is8Bit ? new Uint8Array(length) : new Uint16Array(length);
  const copied = intersect(bounds, area);
  const rowSamples = copied.width * channels;
  await inSlices(
    copied.height,
    (from, to) => {
      for (let y = copied.top + from; y < copied.top + to; y++) {
        copyRow(pixels, { target, channels, area, left: copied.left, right: rightOf(copied), y });
      }
    },
    { rowSamples },
  );
  return { format, bytes: is8Bit ? (target as Uint8Array<ArrayBuffer>) : new Uint8Array(target.buffer) };
}

interface Row {
  readonly target: Samples;
  readonly channels: 3 | 4;
  readonly area: Bounds;
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

function copyRow({ samples, components, bounds }: HostPixels, row: Row): void {
  const { target, channels, area, left, right, y } = row;
  const first = ((y - bounds.top) * bounds.width + left - bounds.left) * components;
  const end = first + (right - left) * components;
  let to = ((y - area.top) * area.width + left - area.left) * channels;
  if (components === channels && !(samples instanceof Float32Array)) {
    if (samples instanceof Uint8Array) target.set(samples.subarray(first, end), to);
    else for (let from = first; from < end; from++) target[to++] = fromHost16Table[samples[from]!]!;
    return;
  }
  const [colour, coverage] = conversions[depthOf(samples)];
  const white = target instanceof Uint8Array ? 255 : 65_535;
  const isGray = components < 3;
  const hasAlpha = components === 2 || components === 4;
  for (let from = first; from < end; from += components, to += channels) {
    const red = colour(samples[from]!);
    target[to] = red;
    target[to + 1] = isGray ? red : colour(samples[from + 1]!);
    target[to + 2] = isGray ? red : colour(samples[from + 2]!);
    if (channels === 4) target[to + 3] = hasAlpha ? coverage(samples[from + components - 1]!) : white;
  }
}

/** Of colours, and of coverage, which is linear at every depth. */
const conversions = {
  8: [same, same],
  16: [from16, from16],
  32: [fromLinear, fromCoverage],
} as const;

function same(value: number): number {
  return value;
}

function from16(value: number): number {
  return fromHost16Table[value]!;
}

function fromCoverage(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 65_535);
}

/**
 * A selection or a layer's mask over all of an area, 0..255, one sample a pixel; 0 where there is nothing of it.
 *
 * @param pixels Nothing: all of it is 0.
 */
export async function maskPixels(
  pixels: HostPixels | undefined,
  area: Bounds,
): Promise<Uint8Array<ArrayBuffer>> {
  const target = new Uint8Array(area.width * area.height);
  if (pixels === undefined) return target;
  const { samples, components, bounds } = pixels;
  if (samples instanceof Uint8Array && components === 1 && sameBounds(bounds, area)) return samples;
  const copied = intersect(bounds, area);
  await inSlices(
    copied.height,
    (fromRow, toRow) => {
      for (let y = copied.top + fromRow; y < copied.top + toRow; y++) {
        const first = ((y - bounds.top) * bounds.width + copied.left - bounds.left) * components;
        const end = first + copied.width * components;
        let to = (y - area.top) * area.width + copied.left - area.left;
        if (samples instanceof Uint8Array && components === 1) target.set(samples.subarray(first, end), to);
        else for (let from = first; from < end; from += components) target[to++] = gray8(samples, from);
      }
    },
    { rowSamples: copied.width },
  );
  return target;
}

function gray8(samples: HostSamples, at: number): number {
  if (samples instanceof Uint16Array) return grayFromHost16Table[samples[at]!]!;
  return samples instanceof Float32Array ? grayFromFloat(samples[at]!) : samples[at]!;
}

/** Whether none of a selection or mask is selected at all. */
export function isBlank({ samples }: HostPixels): boolean {
  for (let i = 0; i < samples.length; i++) {
    if ((samples[i] as number) > 0) return false;
  }
  return true;
}

/** Whether two masks say the same, give or take what going to another depth and back may change. */
export async function isSameMask(
  a: Uint8Array,
  b: Uint8Array,
  { width, tolerance }: { readonly width: number; readonly tolerance: number },
): Promise<boolean> {
  if (a.length !== b.length) return false;
  let isSame = true;
  await inSlices(
    width > 0 ? a.length / width : 0,
    (from, to) => {
      if (isSame) isSame = isSameRange(a, b, { from: from * width, to: to * width, tolerance });
    },
    { rowSamples: width },
  );
  return isSame;
}

function isSameRange(
  a: Uint8Array,
  b: Uint8Array,
  { from, to, tolerance }: { readonly from: number; readonly to: number; readonly tolerance: number },
): boolean {
  for (let i = from; i < to; i++) {
    const difference = a[i]! - b[i]!;
    if (difference > tolerance || difference < -tolerance) return false;
  }
  return true;
}

/** 16 bits of a mask as Photoshop has them in a deep document, to which 8 may not be put. */
export async function deepMask(
  mask: Uint8Array,
  { width }: { readonly width: number },
): Promise<Uint16Array<ArrayBuffer>> {
  const table = hostTables(8, 16).alpha;
  const target = new Uint16Array(mask.length);
  await inSlices(
    mask.length / width,
    (from, to) => {
      for (let i = from * width; i < to * width; i++) target[i] = table[mask[i]!]!;
    },
    { rowSamples: width },
  );
  return target;
}
