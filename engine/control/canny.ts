/**
 * Edges by J. Canny, "A Computational Approach to Edge Detection" (IEEE PAMI 8, 1986), bit for bit as OpenCV's `cv2.Canny`
 * with an aperture of 3 finds them, which made the maps of the published ControlNets: of a colour picture each pixel's
 * gradient is that of the channel where it is largest.
 */
import { greyRows } from './grey.ts';
import { type Pace, Pacer } from './pacer.ts';
import type { RgbImage } from './rgb-image.ts';

export interface CannyOptions {
  /** Of the gradient's magnitude, with the 3 x 3 Sobel kernels on 0..255: no edge from there downwards. */
  readonly lowThreshold: number;
  /** An edge above it; between the two where it is connected to one. At least `lowThreshold`. */
  readonly highThreshold: number;
  /** 1: the magnitude is sqrt(dx² + dy²); 0: |dx| + |dy|. */
  readonly l2Gradient: number;
  /** 1: of the picture's grey; 0: of its colours. */
  readonly grey: number;
}

/** tan(22.5°) in 15 bits, and how many they are. */
const TAN_22 = 13573;
const SHIFT = 15;
/** OpenCV's limit of a threshold that is squared. */
const MAX_L2_THRESHOLD = 32767;

/** What a pixel may be; 0 where there is no edge. */
const CANDIDATE = 1;
const EDGE = 2;

/** Pixels of edges that are followed before others have their turn. */
const followedPerTurn = 2 ** 18;

/** White lines of one pixel on black. */
export async function canny(image: RgbImage, options: CannyOptions, pace: Pace): Promise<RgbImage> {
  const { width, height } = image;
  const pacer = new Pacer(pace, { pixels: width * height, passes: 2 + options.grey });
  const finder = new EdgeFinder(options.grey === 1 ? await greyOf(image, pacer) : image, options);
  await pacer.rows(image, (first, end) => finder.findRows(first, end));
  for (let followed = 1; followed > 0; ) {
    followed = finder.follow(followedPerTurn);
    await pacer.turn(0);
  }
  const data = new Uint8Array(width * height * 3);
  await pacer.rows(image, (first, end) => finder.writeRows(data, { first, end }));
  return { width, height, channels: 3, data };
}

/** Interleaved samples of one or three channels. */
interface Channels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

async function greyOf(image: RgbImage, pacer: Pacer): Promise<Channels> {
  const { width, height } = image;
  const data = new Uint8Array(width * height);
  await pacer.rows(image, (first, end) => greyRows(image, data, { first, end }));
  return { width, height, channels: 1, data };
}

class EdgeFinder {
  readonly #source: Channels;
  readonly #low: number;
  readonly #high: number;
  readonly #isL2: boolean;
  /** How large the gradients of three rows are, with a zero on either side; those of row y at y modulo 3. */
  readonly #rows: readonly Int32Array[];
  /** With a border of one pixel, so that an edge's neighbours are always there. */
  readonly #map: Uint8Array;
  #stack = new Int32Array(2 ** 12);
  #stackSize = 0;

  constructor(source: Channels, { lowThreshold, highThreshold, l2Gradient }: CannyOptions) {
    const { width, height } = source;
    this.#source = source;
    this.#isL2 = l2Gradient === 1;
    const threshold = (value: number) =>
      Math.floor(this.#isL2 ? Math.min(MAX_L2_THRESHOLD, value) ** 2 : value);
    this.#low = threshold(lowThreshold);
    this.#high = threshold(highThreshold);
    this.#rows = Array.from({ length: 3 }, () => new Int32Array(width + 2));
    this.#map = new Uint8Array((width + 2) * (height + 2));
  }

  /** Rows in order from the top: what is an edge by itself, and what may be one. */
  findRows(first: number, end: number): void {
    if (first === 0) this.#measureRow(0);
    for (let y = first; y < end; y++) {
      // Beyond the picture there is no gradient: as above its first row, where nothing was written yet.
      if (y + 1 < this.#source.height) this.#measureRow(y + 1);
      else this.#rows[(y + 1) % 3]!.fill(0);
      this.#thinRow(y);
    }
  }

  /** Goes on from at most `count` edge pixels to candidates beside them. Returns how many there were to go on from. */
  follow(count: number): number {
    const map = this.#map;
    const stride = this.#source.width + 2;
    const neighbours = [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1];
    let followed = 0;
    for (; followed < count && this.#stackSize > 0; followed++) {
      const at = this.#stack[--this.#stackSize]!;
      for (const step of neighbours) if (map[at + step] === CANDIDATE) this.#push(at + step);
    }
    return followed;
  }

  /** White where there is an edge; `data` is black before. */
  writeRows(data: Uint8Array, { first, end }: { readonly first: number; readonly end: number }): void {
    const { width } = this.#source;
    const map = this.#map;
    for (let y = first; y < end; y++) {
      const from = (y + 1) * (width + 2) + 1;
      for (let x = 0, to = y * width * 3; x < width; x++, to += 3) {
        if (map[from + x] !== EDGE) continue;
        data[to] = 255;
        data[to + 1] = 255;
        data[to + 2] = 255;
      }
    }
  }

  /**
   * Of each pixel how large Sobel's gradient is where it is largest; rows and columns beyond the picture are repeated. Channel by
   * channel from left to right, with each column's sum, the middle twice, and its difference: each sample is read once.
   */
  #measureRow(y: number): void {
    const { data, width, channels } = this.#source;
    const magnitude = this.#rows[y % 3]!;
    const { above, here, below } = this.#starts(y);
    const isL2 = this.#isL2;
    magnitude.fill(0, 1, width + 1);
    for (let c = 0; c < channels; c++) {
      let sum = data[above + c]! + 2 * data[here + c]! + data[below + c]!;
      let difference = data[below + c]! - data[above + c]!;
      let sumBefore = sum;
      let differenceBefore = difference;
      for (let x = 0, i = c; x < width; x++) {
        if (x + 1 < width) i += channels;
        const top = data[above + i]!;
        const bottom = data[below + i]!;
        const sumAfter = top + 2 * data[here + i]! + bottom;
        const differenceAfter = bottom - top;
        const across = sumAfter - sumBefore;
        const down = differenceBefore + 2 * difference + differenceAfter;
        const size = isL2 ? across * across + down * down : Math.abs(across) + Math.abs(down);
        magnitude[x + 1] = Math.max(magnitude[x + 1]!, size);
        sumBefore = sum;
        sum = sumAfter;
        differenceBefore = difference;
        difference = differenceAfter;
      }
    }
  }

  /** Where a row's samples begin, and those of its neighbours. */
  #starts(y: number) {
    const { width, height, channels } = this.#source;
    const here = y * width * channels;
    return {
      above: y > 0 ? here - width * channels : here,
      here,
      below: y + 1 < height ? here + width * channels : here,
    };
  }

  /** Of a row's pixels above the low threshold keeps those that are the largest across their edge. */
  #thinRow(y: number): void {
    const { data, width, channels } = this.#source;
    const magnitude = this.#rows[y % 3]!;
    const before = this.#rows[(y + 2) % 3]!;
    const after = this.#rows[(y + 1) % 3]!;
    const { above, here, below } = this.#starts(y);
    const low = this.#low;
    const high = this.#high;
    const isL2 = this.#isL2;
    const map = this.#map;
    const mapRow = (y + 1) * (width + 2) + 1;
    for (let x = 0; x < width; x++) {
      const size = magnitude[x + 1]!;
      if (size <= low) continue;
      // Few come here: the gradient is computed once more, of the first channel where it is as large.
      const left = Math.max(x - 1, 0) * channels;
      const middle = x * channels;
      const right = Math.min(x + 1, width - 1) * channels;
      let dx = 0;
      let dy = 0;
      for (let c = 0; c < channels; c++) {
        const a = data[above + left + c]!;
        const b = data[above + right + c]!;
        const d = data[below + left + c]!;
        const e = data[below + right + c]!;
        dx = b - a + 2 * (data[here + right + c]! - data[here + left + c]!) + e - d;
        dy = d - a + 2 * (data[below + middle + c]! - data[above + middle + c]!) + e - b;
        if ((isL2 ? dx * dx + dy * dy : Math.abs(dx) + Math.abs(dy)) === size) break;
      }
      const run = Math.abs(dx);
      const across = run * TAN_22;
      const along = Math.abs(dy) << SHIFT;
      if (along < across) {
        if (size <= magnitude[x]! || size < magnitude[x + 2]!) continue;
      } else if (along > across + (run << (SHIFT + 1))) {
        if (size <= before[x + 1]! || size < after[x + 1]!) continue;
      } else {
        const slant = (dx ^ dy) < 0 ? -1 : 1;
        if (size <= before[x + 1 - slant]! || size <= after[x + 1 + slant]!) continue;
      }
      if (size > high) this.#push(mapRow + x);
      else map[mapRow + x] = CANDIDATE;
    }
  }

  #push(at: number): void {
    if (this.#stackSize === this.#stack.length) {
      const larger = new Int32Array(2 * this.#stack.length);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    this.#map[at] = EDGE;
    this.#stack[this.#stackSize++] = at;
  }
}
