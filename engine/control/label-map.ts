import type { Size } from '../image/bounds.ts';
import type { OutputTensor } from './assistive-models.ts';
import { Pacer } from './pacer.ts';
import type { PreprocessServices } from './preprocess-services.ts';

/** How likely each class is at each place, for classes that are likely anywhere: row by row, of any scale. */
export interface ClassScores extends Size {
  readonly planes: ReadonlyMap<number, Float32Array>;
}

/** A query's classes that are less likely do not count. */
const minProbability = 0.005;

/**
 * Scores of a network that gives each class's for each place.
 *
 * @param logits [1, labels, height, width]
 * @param classOf Which class a label is of; none for one that does not count. Of several labels of a class the likeliest counts.
 */
export function scoresOfPlanes(logits: OutputTensor, classOf: readonly (number | undefined)[]): ClassScores {
  const [height, width] = logits.dims.slice(-2) as [number, number];
  const size = width * height;
  const planes = new Map<number, Float32Array>();
  for (const [label, found] of classOf.entries()) {
    if (found === undefined) continue;
    const plane = planes.get(found) ?? new Float32Array(size).fill(Number.NEGATIVE_INFINITY);
    planes.set(found, plane);
    for (let i = 0; i < size; i++) plane[i] = Math.max(plane[i]!, logits.data[label * size + i]!);
  }
  return { width, height, planes };
}

/**
 * Scores of a network that gives masks of things, each of a class: a class's are its probability in each mask times the mask
 * (B. Cheng et al., "Per-Pixel Classification is Not All You Need for Semantic Segmentation", arXiv 2107.06278, section 3.4).
 *
 * @param logits [1, queries, labels + 1], the last of them for nothing.
 * @param masks [1, queries, height, width], before the sigmoid.
 */
export function scoresOfMasks(
  logits: OutputTensor,
  { masks, classOf }: { readonly masks: OutputTensor; readonly classOf: readonly (number | undefined)[] },
): ClassScores {
  const [queries, labels] = logits.dims.slice(-2) as [number, number];
  const [height, width] = masks.dims.slice(-2) as [number, number];
  const size = width * height;
  const planes = new Map<number, Float32Array>();
  for (let query = 0; query < queries; query++) {
    const probabilities = softmax(logits.data, { start: query * labels, length: labels });
    const ofClass = new Map<number, number>();
    for (let label = 0; label < labels - 1; label++) {
      const found = classOf[label];
      if (found !== undefined) ofClass.set(found, (ofClass.get(found) ?? 0) + probabilities[label]!);
    }
    for (const [found, probability] of ofClass) {
      if (probability < minProbability) continue;
      const plane = planes.get(found) ?? new Float32Array(size);
      planes.set(found, plane);
      for (let i = 0; i < size; i++)
        plane[i]! += probability / (1 + Math.exp(-masks.data[query * size + i]!));
    }
  }
  return { width, height, planes };
}

/** Of `length` numbers from `start` on. */
export function softmax(
  data: ArrayLike<number>,
  { start, length }: { readonly start: number; readonly length: number },
): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + length; i++) largest = Math.max(largest, data[i]!);
  const powers = Float64Array.from({ length }, (_, i) => Math.exp(data[start + i]! - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The likeliest class of each pixel of a picture of that size: scores lie between their places in proportion. */
export async function likeliestClasses(
  scores: ClassScores,
  { size, services }: { readonly size: Size; readonly services: PreprocessServices },
): Promise<Uint8Array> {
  const { width, height } = size;
  const planes = [...winners(scores)];
  const columns = places(scores.width, width);
  const rows = places(scores.height, height);
  const found = new Uint8Array(width * height);
  const line = new Float32Array(scores.width);
  const best = new Float32Array(width);
  const pacer = new Pacer(services, { pixels: width * height, passes: 1 });
  await pacer.rows(size, (first, end) => {
    for (let y = first; y < end; y++) {
      best.fill(Number.NEGATIVE_INFINITY);
      const above = rows.before[y]! * scores.width;
      const below = rows.after[y]! * scores.width;
      const share = rows.share[y]!;
      for (const [name, plane] of planes) {
        for (let x = 0; x < scores.width; x++)
          line[x] = plane[above + x]! * (1 - share) + plane[below + x]! * share;
        for (let x = 0; x < width; x++) {
          const part = columns.share[x]!;
          const score = line[columns.before[x]!]! * (1 - part) + line[columns.after[x]!]! * part;
          if (score <= best[x]!) continue;
          best[x] = score;
          found[y * width + x] = name;
        }
      }
    }
  });
  return found;
}

/** The planes of classes that are the likeliest anywhere: others cannot be between those places either, or hardly. */
function winners({ planes, width, height }: ClassScores): ReadonlyMap<number, Float32Array> {
  const best = new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
  const names = new Uint8Array(width * height);
  for (const [name, plane] of planes) {
    for (let i = 0; i < best.length; i++) {
      if (plane[i]! <= best[i]!) continue;
      best[i] = plane[i]!;
      names[i] = name;
    }
  }
  const won = new Set(names);
  return new Map([...planes].filter(([name]) => won.has(name)));
}

/** Which two of `from` samples each of `to` lies between, and how far from the first. */
function places(from: number, to: number) {
  const before = new Int32Array(to);
  const after = new Int32Array(to);
  const share = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    before[i] = Math.floor(at);
    after[i] = Math.min(from - 1, before[i]! + 1);
    share[i] = at - before[i]!;
  }
  return { before, after, share };
}
