/**
 * Samples between Photoshop's depths and the server's. Photoshop has 0..255, 0..32768, and linear light as floats; the
 * server 0..255 and 0..65535, both with the sRGB curve.
 */
import type { HostSamples } from '../api/photoshop.ts';

export type HostDepth = 8 | 16 | 32;

/** White of a 16-bit document. */
export const hostWhite16 = 32_768;
const white16 = 65_535;
const white8 = 255;

/** Our samples: 8 or 16 bits. */
export type Samples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

export function depthOf(samples: HostSamples): HostDepth {
  if (samples instanceof Float32Array) return 32;
  return samples instanceof Uint16Array ? 16 : 8;
}

/** 0..32768 as 0..65535, rounded: the tables below give each value back as it was. */
export function fromHost16(value: number): number {
  return Math.round((value * white16) / hostWhite16);
}

/** Linear light as an sRGB sample of 16 bits (IEC 61966-2-1). What is brighter than white is white. */
export function fromLinear(value: number): number {
  // Also NaN, which a damaged document may hold.
  if (!(value > 0)) return 0;
  if (value >= 1) return white16;
  return Math.round(white16 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}

/** An sRGB sample, 0..1, as linear light (IEC 61966-2-1). */
export function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** What each sample of ours is in Photoshop, indexed by it; nothing where it is the same. */
export interface HostTables {
  readonly colour: HostSamples;
  /** Coverage is linear at every depth. */
  readonly alpha: HostSamples;
}

const tables = new Map<string, HostTables>();

/** From 8 or 16 bits of ours to a document's depth. Made once, and kept. */
export function hostTables(from: 8 | 16, to: HostDepth): HostTables {
  const key = `${from}-${to}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const made = makeHostTables(from, to);
  tables.set(key, made);
  return made;
}

function makeHostTables(from: 8 | 16, to: HostDepth): HostTables {
  const white = from === 8 ? white8 : white16;
  if (to === 32) {
    const alpha = Float32Array.from({ length: white + 1 }, (_, value) => value / white);
    return { colour: alpha.map(toLinear), alpha };
  }
  const hostWhite = to === 8 ? white8 : hostWhite16;
  const scaled = (_: unknown, value: number) => Math.round((value * hostWhite) / white);
  const table =
    to === 8
      ? Uint8Array.from({ length: white + 1 }, scaled)
      : Uint16Array.from({ length: white + 1 }, scaled);
  return { colour: table, alpha: table };
}

/** `fromHost16` of each value: tables are several times as fast as arithmetic for pictures of millions of samples. */
export const fromHost16Table = Uint16Array.from({ length: hostWhite16 + 1 }, (_, value) => fromHost16(value));

/** A mask's or selection's samples of 16 bits as 0..255. */
export const grayFromHost16Table = Uint8Array.from({ length: hostWhite16 + 1 }, (_, value) =>
  Math.round((value * white8) / hostWhite16),
);

/** Those of 32 bits. */
export function grayFromFloat(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * white8);
}
