import { type Bounds, bottomOf, rightOf } from '../../image/bounds.ts';
import { allocateSamples, type Samples } from '../../image/picture.ts';
import { FEATURES, HOLE, type Level } from '../level.ts';
import { biharmonicFill } from './biharmonic.ts';
import { type Canvas, compositeValues } from './composite.ts';
import { colourFeatures } from './features.ts';
import { type HarmonicProblem, harmonicFill } from './harmonic.ts';

/** Around the hole and in which steps the surface is cut out of the level: more than its coarsest level's pixel. */
const MARGIN = 64;

/**
 * The start of a thin hole: a smooth surface over it, from what is around, and features of that surface with the
 * texture of the surroundings.
 *
 * @param options `pixels`: the level's features. `smooth`: samples like the canvas's, set where the hole is.
 */
export function smoothStart(
  level: Level,
  options: {
    readonly canvas: Canvas;
    readonly pixels: Uint8Array;
    readonly smooth: Samples;
    readonly surface: 'harmonic' | 'biharmonic';
    readonly cancelled: () => boolean;
  },
): void {
  const { canvas, pixels, smooth, surface, cancelled } = options;
  const { channels } = canvas;
  const area = surroundings(level);
  const { width, height } = area;
  const hole = cutOut(level.roles, { level, area, channels: 1 }).map((role) => role & HOLE);
  const problem = (of: number, values: Float32Array): HarmonicProblem => {
    return { width, height, channels: of, values, hole, cancelled };
  };

  const samples = cutOut(canvas.samples, { level, area, channels });
  const values = new Float32Array(samples);
  const fill = surface === 'biharmonic' ? biharmonicFill : harmonicFill;
  fill(problem(channels, values));
  compositeValues({ samples, channels, mask: hole }, values);
  const features = new Uint8Array(width * height * FEATURES);
  colourFeatures(samples, { channels, width, band: { top: 0, bottom: height }, pixels: features });

  // The texture around says what the surface cannot.
  const known = cutOut(pixels, { level, area, channels: FEATURES });
  const texture = new Float32Array(width * height);
  for (let i = 0; i < texture.length; i++) texture[i] = known[i * FEATURES + 3]!;
  harmonicFill(problem(1, texture));

  for (let i = 0; i < hole.length; i++) {
    if (hole[i] !== 1) continue;
    const x = i % width;
    const to = (area.top + (i - x) / width) * level.width + area.left + x;
    for (let c = 0; c < channels; c++) smooth[to * channels + c] = samples[i * channels + c]!;
    for (let c = 0; c < 3; c++) pixels[to * FEATURES + c] = features[i * FEATURES + c]!;
    pixels[to * FEATURES + 3] = Math.floor(texture[i]! + 0.5);
  }
}

/** Cut at multiples of the margin, so that the harmonic fill's coarser levels halve the same pixels as in the level. */
function surroundings({ targets, width, height }: Level): Bounds {
  const before = (position: number) => Math.max((Math.floor(position / MARGIN) - 1) * MARGIN, 0);
  const left = before(targets.left);
  const top = before(targets.top);
  return {
    left,
    top,
    width: Math.min(rightOf(targets) + MARGIN, width) - left,
    height: Math.min(bottomOf(targets) + MARGIN, height) - top,
  };
}

function cutOut<T extends Samples>(
  samples: T,
  { level, area, channels }: { readonly level: Level; readonly area: Bounds; readonly channels: number },
): T {
  const rowLength = area.width * channels;
  const result = allocateSamples(samples, area.height * rowLength);
  for (let y = 0; y < area.height; y++) {
    const start = ((area.top + y) * level.width + area.left) * channels;
    result.set(samples.subarray(start, start + rowLength), y * rowLength);
  }
  return result as T;
}
