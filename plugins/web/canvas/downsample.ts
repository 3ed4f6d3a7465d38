/** RGBA pixels of a part of a picture. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** True when every pixel has alpha 255. */
export function isOpaque({ data }: Pixels): boolean {
  const words = wordsOf(data);
  let all = 0xffffffff;
  for (let i = 0; i < words.length; i++) all &= words[i]!;
  return all >>> 24 === 255;
}

/**
 * Reduced by 2^times (sides rounded up) by halving as often: each pixel the mean of four, rounded; a last odd row or
 * column counts twice. With straight alpha colours weigh by their opacity. The pixels themselves for 0 times.
 */
export function reduced(
  pixels: Pixels,
  options: { readonly times: number; readonly isOpaque: boolean },
): Pixels {
  let result = pixels;
  for (let i = 0; i < options.times; i++) {
    result = options.isOpaque ? halvedOpaque(result) : halvedStraight(result);
  }
  return result;
}

function halvedOpaque(pixels: Pixels): Pixels {
  const { width, height } = halfOf(pixels);
  const from = wordsOf(pixels.data);
  const to = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const upper = 2 * y * pixels.width;
    const lower = Math.min(2 * y + 1, pixels.height - 1) * pixels.width;
    for (let x = 0; x < width; x++) {
      const left = 2 * x;
      const right = Math.min(left + 1, pixels.width - 1);
      const a = from[upper + left]!;
      const b = from[upper + right]!;
      const c = from[lower + left]!;
      const d = from[lower + right]!;
      // Red and blue at a time in one word, each with 8 bits of room above it.
      const even = (a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff) + 0x20002;
      const odd = ((a >>> 8) & 255) + ((b >>> 8) & 255) + ((c >>> 8) & 255) + ((d >>> 8) & 255) + 2;
      to[y * width + x] = 0xff000000 | ((odd >>> 2) << 8) | ((even >>> 2) & 0xff00ff);
    }
  }
  return { width, height, data: new Uint8ClampedArray(to.buffer) };
}

function halvedStraight(pixels: Pixels): Pixels {
  const { width, height } = halfOf(pixels);
  const { data: from } = pixels;
  const to = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const upper = 2 * y * pixels.width;
    const lower = Math.min(2 * y + 1, pixels.height - 1) * pixels.width;
    for (let x = 0; x < width; x++) {
      const left = 2 * x;
      const right = Math.min(left + 1, pixels.width - 1);
      const a = (upper + left) * 4;
      const b = (upper + right) * 4;
      const c = (lower + left) * 4;
      const d = (lower + right) * 4;
      const weight = from[a + 3]! + from[b + 3]! + from[c + 3]! + from[d + 3]!;
      if (weight === 0) continue;
      const at = (y * width + x) * 4;
      for (let i = 0; i < 3; i++) {
        to[at + i] =
          (from[a + i]! * from[a + 3]! +
            from[b + i]! * from[b + 3]! +
            from[c + i]! * from[c + 3]! +
            from[d + i]! * from[d + 3]!) /
          weight;
      }
      to[at + 3] = weight / 4;
    }
  }
  return { width, height, data: to };
}

function halfOf({ width, height }: Pixels): { readonly width: number; readonly height: number } {
  return { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
}

function wordsOf(data: Uint8ClampedArray<ArrayBuffer>): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
}
