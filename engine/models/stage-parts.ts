/**
 * Runs one stage of a network over a whole feature map in parts. Each part is given the surroundings that the stage looks
 * at, so the parts fit together exactly, without any fading; and each run is short, so a cancelled job stops soon.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Tensor } from '../runtime/session.ts';
import type { LoadedStage } from './open-stages.ts';

/** Lengths and places are in pixels of the network's input; a value of n times the size has n pixels for each. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PartOptions {
  /** Size of the network's input. */
  readonly width: number;
  readonly height: number;
  /** Parts begin at multiples of this. */
  readonly multiple: number;
  /** Largest work of one run. */
  readonly maxMultiplyAdds: number;
}

export interface StageRunOptions extends PartOptions {
  readonly signal: AbortSignal;
  /** Called after each part. */
  readonly onPart: () => void;
}

/** A part without less than this costs more for its surroundings than for itself. */
const minPartSide = 32;

/** The parts that a stage is run in: as square as can be, and as few as the limit on a run allows. */
export function planParts(
  stage: Pick<LoadedStage, 'haloPixels' | 'multiplyAddsPerPixel'>,
  options: PartOptions,
): readonly Part[] {
  const { width, height, maxMultiplyAdds } = options;
  const wholeSide = Math.sqrt(maxMultiplyAdds / stage.multiplyAddsPerPixel);
  const side = Math.max(minPartSide, Math.floor(wholeSide) - 2 * stage.haloPixels);
  const columns = evenRanges(width, side, options.multiple);
  return evenRanges(height, side, options.multiple).flatMap(({ start: top, end: bottom }) =>
    columns.map(({ start: left, end: right }) => ({ left, top, right, bottom })),
  );
}

function evenRanges(length: number, maxLength: number, multiple: number): { start: number; end: number }[] {
  const count = Math.max(1, Math.ceil(length / maxLength));
  const size = Math.ceil(length / count / multiple) * multiple;
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => ({
    start: index * size,
    end: Math.min((index + 1) * size, length),
  }));
}

/**
 * The stage's outputs over the whole of its inputs, by name. `values` are float32 [1, C, H, W], each a whole or halved
 * multiple of the network's input in size.
 */
export async function runInParts(
  stage: LoadedStage,
  values: ReadonlyMap<string, Tensor>,
  options: StageRunOptions,
): Promise<Map<string, Tensor>> {
  const { width, height, multiple, signal, onPart } = options;
  const halo = Math.ceil(stage.haloPixels / multiple) * multiple;
  const outputs = new Map<string, Tensor>();
  const parts = planParts(stage, options);
  for (const part of parts) {
    await nextTurn();
    signal.throwIfAborted();
    const around = {
      left: Math.max(0, part.left - halo),
      top: Math.max(0, part.top - halo),
      right: Math.min(width, part.right + halo),
      bottom: Math.min(height, part.bottom + halo),
    };
    const feeds: Record<string, Tensor> = {};
    for (const name of stage.inputs) feeds[name] = cut(values.get(name)!, around, width);
    const results = await stage.session.run(feeds);
    for (const name of stage.outputs) {
      const result = results[name];
      const scale = result.shape[3] / (around.right - around.left);
      if (parts.length === 1) {
        outputs.set(name, result);
        continue;
      }
      let whole = outputs.get(name);
      if (whole === undefined) {
        const shape = [1, result.shape[1], height * scale, width * scale];
        whole = { shape, data: new Float32Array(shape[1] * shape[2] * shape[3]) };
        outputs.set(name, whole);
      }
      paste(whole, result, { part, around, scale });
    }
    onPart();
  }
  return outputs;
}

/** A part of a value; the value itself where the part is all of it. */
function cut(value: Tensor, part: Part, width: number): Tensor {
  const [, channels, fullHeight, fullWidth] = value.shape;
  const scale = fullWidth / width;
  const left = part.left * scale;
  const top = part.top * scale;
  const partWidth = (part.right - part.left) * scale;
  const partHeight = (part.bottom - part.top) * scale;
  if (partWidth === fullWidth && partHeight === fullHeight) return value;
  const data = new Float32Array(channels * partHeight * partWidth);
  for (let c = 0, to = 0; c < channels; c++) {
    for (let y = 0; y < partHeight; y++, to += partWidth) {
      const from = (c * fullHeight + top + y) * fullWidth + left;
      data.set(value.data.subarray(from, from + partWidth), to);
    }
  }
  return { shape: [1, channels, partHeight, partWidth], data };
}

/** Puts the inside of a part's result, without its surroundings, in its place. */
function paste(
  whole: Tensor,
  result: Tensor,
  { part, around, scale }: { readonly part: Part; readonly around: Part; readonly scale: number },
): void {
  const [, channels, fullHeight, fullWidth] = whole.shape;
  const [, , resultHeight, resultWidth] = result.shape;
  const width = (part.right - part.left) * scale;
  const skipX = (part.left - around.left) * scale;
  const skipY = (part.top - around.top) * scale;
  for (let c = 0; c < channels; c++) {
    for (let y = part.top * scale; y < part.bottom * scale; y++) {
      const from = (c * resultHeight + y - part.top * scale + skipY) * resultWidth + skipX;
      const to = (c * fullHeight + y) * fullWidth + part.left * scale;
      whole.data.set(result.data.subarray(from, from + width), to);
    }
  }
}
