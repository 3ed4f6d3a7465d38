/** Samples of pixels, as Photoshop keeps them: 0..255, 0..32768 (not 65535), or floats with 1 for white. */
export type BitDepth = 8 | 16 | 32;
export type Samples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** White, or opaque. */
export const maxOf: Readonly<Record<BitDepth, number>> = { 8: 255, 16: 32_768, 32: 1 };

export function allocate(depth: BitDepth, length: number): Samples {
  switch (depth) {
    case 8:
      return new Uint8Array(length);
    case 16:
      return new Uint16Array(length);
    case 32:
      return new Float32Array(length);
  }
}

export function depthOf(samples: Samples): BitDepth {
  return samples instanceof Uint8Array ? 8 : samples instanceof Uint16Array ? 16 : 32;
}

/** To another depth, rounded to the nearest value that it has. The very samples where nothing changes. */
export function toDepth(samples: Samples, depth: BitDepth): Samples {
  const from = depthOf(samples);
  if (from === depth) return samples;
  const scale = maxOf[depth] / maxOf[from];
  const result = allocate(depth, samples.length);
  if (depth === 32) {
    for (let i = 0; i < samples.length; i++) result[i] = samples[i]! * scale;
  } else {
    for (let i = 0; i < samples.length; i++) {
      result[i] = Math.round(Math.min(maxOf[depth], Math.max(0, samples[i]! * scale)));
    }
  }
  return result;
}
