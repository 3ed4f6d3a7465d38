import type { Size } from './bounds.ts';
import { allocateSamples, hasAlpha, maxSample, type Picture, storeRounded } from './picture.ts';

/** Along one axis: into which output sample an input sample falls, and with how much of it; the rest goes to the next. */
interface Overlaps {
  readonly first: Int32Array;
  /** Of `output` parts. */
  readonly parts: Float64Array;
}

/**
 * The picture made smaller by averaging: each output sample is the mean of the area it covers, input samples at its
 * edges counted by their share. Alpha is weighed in, as in lanczos.ts. Reads each input sample once, whatever the
 * ratio, which a stretched kernel does not. All weights are integers, so that one colour stays exactly that colour.
 *
 * @param size No larger than the picture on either axis.
 */
export function reduceByArea(picture: Picture, size: Size): Picture {
  const { channels, width, height, data: source } = picture;
  const data = allocateSamples(source, size.width * size.height * channels);
  const columns = overlaps(width, size.width);
  const rows = overlaps(height, size.height);
  const line = new Float64Array(size.width * channels);
  let sums = new Float64Array(line.length);
  let nextSums = new Float64Array(line.length);
  for (let y = 0; y < height; y++) {
    sumRow(picture, y, { columns, line });
    const part = rows.parts[y]!;
    for (let i = 0; i < line.length; i++) sums[i]! += line[i]! * part;
    if (part < size.height) {
      const rest = size.height - part;
      for (let i = 0; i < line.length; i++) nextSums[i] = line[i]! * rest;
    }
    const row = rows.first[y]!;
    const isFinished = y === height - 1 || rows.first[y + 1]! > row;
    if (!isFinished) continue;
    const scale = straighten(sums, picture);
    storeRounded(data, sums, { offset: row * line.length, scale });
    [sums, nextSums] = [nextSums, sums.fill(0)];
  }
  return { ...picture, ...size, data };
}

function overlaps(input: number, output: number): Overlaps {
  if (output > input) throw new RangeError(`Expected at most ${input} samples, received ${output}`);
  const first = new Int32Array(input);
  const parts = new Float64Array(input);
  for (let i = 0; i < input; i++) {
    // In units in which an input sample is `output` long and an output sample `input`.
    first[i] = Math.floor((i * output) / input);
    parts[i] = Math.min(output, (first[i]! + 1) * input - i * output);
  }
  return { first, parts };
}

/** One input row at the output's width, as sums; colour times alpha where there is alpha. */
function sumRow(
  { data, width, channels }: Picture,
  y: number,
  { columns, line }: { readonly columns: Overlaps; readonly line: Float64Array },
): void {
  const whole = line.length / channels;
  const withAlpha = hasAlpha(channels);
  line.fill(0);
  let from = y * width * channels;
  for (let x = 0; x < width; x++, from += channels) {
    const part = columns.parts[x]!;
    const to = columns.first[x]! * channels;
    const rest = whole - part;
    for (let c = 0; c < channels; c++) {
      const weight = withAlpha && c < channels - 1 ? data[from + channels - 1]! : 1;
      const value = data[from + c]! * weight;
      line[to + c]! += value * part;
      if (rest > 0) line[to + channels + c]! += value * rest;
    }
  }
}

/** Makes colours straight again where there is alpha. Returns what the sums are still to be multiplied with. */
function straighten(sums: Float64Array, { channels, width, height, data }: Picture): number {
  const scale = 1 / (width * height);
  if (!hasAlpha(channels)) return scale;
  for (let i = 0; i < sums.length; i += channels) {
    const alpha = sums[i + channels - 1]!;
    for (let c = 0; c < channels - 1; c++) {
      // The next multiplication by `scale` is undone here: colour is alpha's weighted mean, not the area's.
      sums[i + c] = alpha > 0 ? Math.min(sums[i + c]! / alpha, maxSample(data)) / scale : 0;
    }
  }
  return scale;
}
