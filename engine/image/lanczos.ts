import type { Size } from './bounds.ts';
import {
  allocateSamples,
  type Channels,
  hasAlpha,
  maxSample,
  type Samples,
  storeRounded,
} from './picture.ts';

/** The kernel's half-width in samples: Lanczos-3. */
const LOBES = 3;

export interface LanczosOptions {
  readonly input: Size;
  readonly output: Size;
  readonly channels: Channels;
}

/** For each output sample along one axis, the input samples it is made of. */
interface FilterTable {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `taps` weights an output sample, of which the first `counts[i]` are used; they sum to 1. */
  readonly weights: Float64Array;
  readonly taps: number;
}

/**
 * Separable Lanczos-3 resampling of a stream of rows, for pictures too large to be held. Sample i lies at
 * (i + 0.5) / length of the picture, for any ratio of sizes; the kernel is stretched when making smaller, so that
 * nothing aliases; edges are continued. Alpha is weighed in: colour counts as much as it is opaque (premultiplied
 * inside, straight on both sides). Equal sizes give the same samples back. Held at a time: the rows under one output
 * row's kernel, at the output's width.
 */
export class LanczosRowResampler {
  readonly #input: Size;
  readonly #output: Size;
  readonly #channels: Channels;
  readonly #columns: FilterTable;
  readonly #rows: FilterTable;
  /** Input rows at output width; row y is at y modulo the number of them. */
  readonly #ring: readonly Float64Array[];
  readonly #line: Float64Array;
  readonly #sums: Float64Array;
  #rowsIn = 0;
  #rowsOut = 0;

  constructor({ input, output, channels }: LanczosOptions) {
    this.#input = input;
    this.#output = output;
    this.#channels = channels;
    this.#columns = filterTable(input.width, output.width);
    this.#rows = filterTable(input.height, output.height);
    this.#ring = Array.from({ length: this.#rows.taps }, () => new Float64Array(output.width * channels));
    this.#line = new Float64Array(input.width * channels);
    this.#sums = new Float64Array(output.width * channels);
  }

  /**
   * @param rows Any number of whole input rows, interleaved, from where the last call ended.
   * @returns The output rows they finish (possibly none), in the same depth. With the last input row all are finished.
   */
  push(rows: Samples): Samples {
    const inputLength = this.#line.length;
    const outputLength = this.#sums.length;
    const rowCount = rows.length / inputLength;
    if (!Number.isInteger(rowCount) || this.#rowsIn + rowCount > this.#input.height) {
      throw new RangeError(
        `Expected whole rows of ${inputLength} samples, at most ${this.#input.height - this.#rowsIn} of them, received ${rows.length} samples`,
      );
    }
    const firstOut = this.#rowsOut;
    const finished = allocateSamples(
      rows,
      (this.#finishedBy(this.#rowsIn + rowCount) - firstOut) * outputLength,
    );
    for (let i = 0; i < rowCount; i++) {
      this.#takeRow(rows.subarray(i * inputLength, (i + 1) * inputLength));
      this.#rowsIn++;
      const ready = this.#finishedBy(this.#rowsIn);
      for (; this.#rowsOut < ready; this.#rowsOut++) {
        this.#makeRow(finished, (this.#rowsOut - firstOut) * outputLength);
      }
    }
    return finished;
  }

  /** How many output rows can be made of the first `rowsIn` input rows. */
  #finishedBy(rowsIn: number): number {
    const { starts, counts } = this.#rows;
    let ready = this.#rowsOut;
    while (ready < this.#output.height && starts[ready]! + counts[ready]! <= rowsIn) ready++;
    return ready;
  }

  #takeRow(row: Samples): void {
    const line = this.#line;
    const channels = this.#channels;
    line.set(row);
    if (hasAlpha(channels)) {
      const scale = 1 / maxSample(row);
      for (let i = 0; i < line.length; i += channels) {
        const alpha = line[i + channels - 1]! * scale;
        for (let c = 0; c < channels - 1; c++) line[i + c]! *= alpha;
      }
    }
    const target = this.#ring[this.#rowsIn % this.#ring.length]!;
    const { starts, counts, weights, taps } = this.#columns;
    for (let x = 0; x < this.#output.width; x++) {
      const firstWeight = x * taps;
      const endWeight = firstWeight + counts[x]!;
      const first = starts[x]! * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let from = first + c;
        for (let w = firstWeight; w < endWeight; w++, from += channels) sum += weights[w]! * line[from]!;
        target[x * channels + c] = sum;
      }
    }
  }

  #makeRow(target: Samples, offset: number): void {
    const sums = this.#sums;
    const { starts, counts, weights, taps } = this.#rows;
    const first = starts[this.#rowsOut]!;
    const count = counts[this.#rowsOut]!;
    const rowAt = (t: number) => this.#ring[(first + t) % this.#ring.length]!;
    const weightAt = (t: number) => (t < count ? weights[this.#rowsOut * taps + t]! : 0);
    sums.fill(0);
    // Three rows in one pass over the sums: a third of the reading and writing, which is what takes the time.
    for (let t = 0; t < count; t += 3) {
      const [a, b, c] = [rowAt(t), rowAt(t + 1), rowAt(t + 2)];
      const [weightA, weightB, weightC] = [weightAt(t), weightAt(t + 1), weightAt(t + 2)];
      for (let i = 0; i < sums.length; i++) {
        sums[i]! += weightA * a[i]! + weightB * b[i]! + weightC * c[i]!;
      }
    }
    const channels = this.#channels;
    const max = maxSample(target);
    if (hasAlpha(channels)) {
      for (let i = 0; i < sums.length; i += channels) {
        const alpha = sums[i + channels - 1]! / max;
        for (let c = 0; c < channels - 1; c++) sums[i + c] = alpha > 0 ? sums[i + c]! / alpha : 0;
      }
    }
    storeRounded(target, sums, { offset, scale: 1 });
  }
}

function filterTable(inputLength: number, outputLength: number): FilterTable {
  const ratio = inputLength / outputLength;
  const stretch = Math.max(1, ratio);
  const reach = LOBES * stretch;
  const taps = Math.min(inputLength, Math.floor(2 * reach) + 1);
  const starts = new Int32Array(outputLength);
  const counts = new Int32Array(outputLength);
  const weights = new Float64Array(outputLength * taps);
  for (let i = 0; i < outputLength; i++) {
    // (2i + 1) * input stays an exact integer, so that equal phases give equal weights.
    const centre = ((2 * i + 1) * inputLength) / (2 * outputLength) - 0.5;
    const low = Math.ceil(centre - reach);
    const high = Math.floor(centre + reach);
    const start = Math.min(Math.max(low, 0), inputLength - 1);
    const end = Math.min(Math.max(high, 0), inputLength - 1);
    let total = 0;
    for (let k = low; k <= high; k++) {
      const weight = lanczos((k - centre) / stretch);
      // Samples beyond the edge repeat the edge's.
      const slot = i * taps + Math.min(Math.max(k, start), end) - start;
      weights[slot]! += weight;
      total += weight;
    }
    for (let t = 0; t <= end - start; t++) weights[i * taps + t]! /= total;
    starts[i] = start;
    counts[i] = end - start + 1;
  }
  return { starts, counts, weights, taps };
}

/** sinc(x) sinc(x / 3) within three lobes (Lanczos; Duchon 1979). */
function lanczos(x: number): number {
  if (Number.isInteger(x)) return x === 0 ? 1 : 0;
  if (Math.abs(x) >= LOBES) return 0;
  const px = Math.PI * x;
  return (LOBES * Math.sin(px) * Math.sin(px / LOBES)) / (px * px);
}
