/**
 * Edges by J. Canny, "A Computational Approach to Edge Detection" (IEEE PAMI 8, 1986), bit for bit as OpenCV's `cv2.Canny`
 * with an aperture of 3 finds them, which made the maps of the published ControlNets: of a colour picture each pixel's
 * gradient is that of the channel where it is largest.
 */
import { greyRows } from './grey.ts';
import { type Pace, Pacer } from './pacer.ts';
import { mapOfPlane, type RgbImage } from './rgb-image.ts';

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
  const plane = new Uint8Array(width * height);
  await pacer.rows(image, (first, end) => finder.writeRows(plane, { first, end }));
  return mapOfPlane(plane, image);
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

/** One row of gradients: of the strongest channel, and its magnitude with a zero on either side. */
interface GradientRow {
  readonly dx: Int16Array;
  readonly dy: Int16Array;
  readonly magnitude: Int32Array;
}

class EdgeFinder {
  readonly #source: Channels;
  readonly #low: number;
  readonly #high: number;
  readonly #isL2: boolean;
  /** The gradients of three rows, that of row y at y modulo 3. */
  readonly #rows: readonly GradientRow[];
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
    this.#rows = Array.from({ length: 3 }, () => ({
      dx: new Int16Array(width),
      dy: new Int16Array(width),
      magnitude: new Int32Array(width + 2),
    }));
    this.#map = new Uint8Array((width + 2) * (height + 2));
  }

  /** Rows in order from the top: what is an edge by itself, and what may be one. */
  findRows(first: number, end: number): void {
    if (first === 0) this.#gradientRow(0);
    for (let y = first; y < end; y++) {
      // Beyond the picture there is no gradient: as above its first row, where nothing was written yet.
      if (y + 1 < this.#source.height) this.#gradientRow(y + 1);
      else this.#rows[(y + 1) % 3]!.magnitude.fill(0);
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

  writeRows(plane: Uint8Array, { first, end }: { readonly first: number; readonly end: number }): void {
    const { width } = this.#source;
    for (let y = first; y < end; y++) {
      const from = (y + 1) * (width + 2) + 1;
      const to = y * width;
      for (let x = 0; x < width; x++) plane[to + x] = this.#map[from + x] === EDGE ? 255 : 0;
    }
  }

  /** Sobel's gradient, rows and columns beyond the picture repeated. */
  #gradientRow(y: number): void {
    const { data, width, height, channels } = this.#source;
    const { dx, dy, magnitude } = this.#rows[y % 3]!;
    const stride = width * channels;
    const here = y * stride;
    const above = y > 0 ? here - stride : here;
    const below = y + 1 < height ? here + stride : here;
    const isL2 = this.#isL2;
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? (x - 1) * channels : 0;
      const middle = x * channels;
      const right = x + 1 < width ? middle + channels : middle;
      let largest = -1;
      for (let c = 0; c < channels; c++) {
        const a = data[above + left + c]!;
        const b = data[above + right + c]!;
        const d = data[below + left + c]!;
        const e = data[below + right + c]!;
        const horizontal = b - a + 2 * (data[here + right + c]! - data[here + left + c]!) + e - d;
        const vertical = d - a + 2 * (data[below + middle + c]! - data[above + middle + c]!) + e - b;
        const size = isL2
          ? horizontal * horizontal + vertical * vertical
          : Math.abs(horizontal) + Math.abs(vertical);
        if (size <= largest) continue;
        largest = size;
        dx[x] = horizontal;
        dy[x] = vertical;
      }
      magnitude[x + 1] = largest;
    }
  }

  /** Of a row's pixels above the low threshold keeps those that are the largest across their edge. */
  #thinRow(y: number): void {
    const { width } = this.#source;
    const { dx, dy, magnitude } = this.#rows[y % 3]!;
    const above = this.#rows[(y + 2) % 3]!.magnitude;
    const below = this.#rows[(y + 1) % 3]!.magnitude;
    const low = this.#low;
    const high = this.#high;
    const map = this.#map;
    const mapRow = (y + 1) * (width + 2) + 1;
    for (let x = 0; x < width; x++) {
      const size = magnitude[x + 1]!;
      if (size <= low) continue;
      const across = Math.abs(dx[x]!) * TAN_22;
      const along = Math.abs(dy[x]!) << SHIFT;
      let isLargest: boolean;
      if (along < across) {
        isLargest = size > magnitude[x]! && size >= magnitude[x + 2]!;
      } else if (along > across + (Math.abs(dx[x]!) << (SHIFT + 1))) {
        isLargest = size > above[x + 1]! && size >= below[x + 1]!;
      } else {
        const slant = (dx[x]! ^ dy[x]!) < 0 ? -1 : 1;
        isLargest = size > above[x + 1 - slant]! && size > below[x + 1 + slant]!;
      }
      if (!isLargest) continue;
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
