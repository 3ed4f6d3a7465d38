/** A job's pictures in a document's depth, ready to be put on a layer. */

import { type Bounds, intersect, sameBounds } from '../../shared/picture/geometry.ts';
import type { HostSamples } from '../api/photoshop.ts';
import { type HostDepth, hostTables, type Samples } from './depth.ts';
import { inSlices } from './pace.ts';

/** The formats that results have: those of the sources that were sent. */
const layouts = {
  rgb8: { components: 3, depth: 8 },
  rgba8: { components: 4, depth: 8 },
  rgb16: { components: 3, depth: 16 },
  rgba16: { components: 4, depth: 16 },
} as const;

export interface ResultPicture {
  readonly format: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** As `HostPixels`, of colours. */
export interface LayerPixels {
  readonly samples: HostSamples;
  readonly components: 3 | 4;
  readonly bounds: Bounds;
}

/**
 * A picture for a layer of a document with so many bits. Throws a RangeError for a format that is not raw.
 *
 * @param options `area`: the part of the picture that the layer gets, in the document; all of it where it is left out.
 */
export async function layerPixels(
  picture: ResultPicture,
  { depth, area = boundsOfPicture(picture) }: { readonly depth: HostDepth; readonly area?: Bounds },
): Promise<LayerPixels> {
  const layout = layouts[picture.format as keyof typeof layouts];
  if (layout === undefined) {
    throw new RangeError(
      `Expected a raw picture (${Object.keys(layouts).join(', ')}), received "${picture.format}".`,
    );
  }
  const { components } = layout;
  const whole = boundsOfPicture(picture);
  const bounds = intersect(area, whole);
  const source = samplesOf(picture.bytes, layout.depth);
  const isWhole = sameBounds(bounds, whole);
  if (layout.depth === 8 && depth === 8 && isWhole) return { samples: picture.bytes, components, bounds };
  const target = newSamples(depth, bounds.width * bounds.height * components);
  const rowSamples = bounds.width * components;
  const { colour, alpha } = hostTables(layout.depth, depth);
  await inSlices(
    bounds.height,
    (fromRow, toRow) => {
      for (let y = fromRow; y < toRow; y++) {
        const from = ((bounds.top + y - whole.top) * whole.width + bounds.left - whole.left) * components;
        const to = y * rowSamples;
        if (layout.depth === 8 && depth === 8) {
          target.set(source.subarray(from, from + rowSamples), to);
          continue;
        }
        for (let i = 0; i < rowSamples; i++) target[to + i] = colour[source[from + i]!]!;
        if (components === 3 || alpha === colour) continue;
        for (let i = 3; i < rowSamples; i += 4) target[to + i] = alpha[source[from + i]!]!;
      }
    },
    { rowSamples },
  );
  return { samples: target, components, bounds };
}

/** White in `outer`, black in `inner`, one byte a pixel: shows of a layer what lies around the old picture. */
export function maskAround(inner: Bounds, outer: Bounds): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(outer.width * outer.height).fill(255);
  const hidden = intersect(inner, outer);
  for (let y = hidden.top; y < hidden.top + hidden.height; y++) {
    const from = (y - outer.top) * outer.width + hidden.left - outer.left;
    mask.fill(0, from, from + hidden.width);
  }
  return mask;
}

function boundsOfPicture({ left, top, width, height }: ResultPicture): Bounds {
  return { left, top, width, height };
}

/** 16-bit samples are little-endian, as every computer is that runs Photoshop. */
function samplesOf(bytes: Uint8Array<ArrayBuffer>, depth: 8 | 16): Samples {
  if (depth === 8) return bytes;
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}

function newSamples(depth: HostDepth, length: number): HostSamples {
  if (depth === 32) return new Float32Array(length);
  return depth === 16 ? new Uint16Array(length) : new Uint8Array(length);
}
