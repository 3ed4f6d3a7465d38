import { EngineError } from '../errors.ts';
import type { Bounds } from '../image/bounds.ts';
import { cropMask, cropPicture } from '../image/crop.ts';
import type { Mask, Picture } from '../image/picture.ts';
import { allocateFill, type CanvasLayout, viewCanvas } from './fill-memory.ts';
import type { FillPlan } from './fill-plan.ts';
import type { FillStep } from './fill-step.ts';
import type { FillThreads } from './fill-threads.ts';
import { plainMemory } from './memory-pool.ts';
import { MultiScaleSolver } from './multi-scale-solver.ts';
import { measureHole, workingArea } from './working-area.ts';

export interface FillOptions {
  /** Unsigned 32-bit; the same seed gives the same bytes, another one another variation. */
  readonly seed: number;
  /** Started when first needed, kept by its owner. The number of threads does not change the result. */
  readonly threads: FillThreads;
  /** For a picture that grows: where it was before, in the grown one. What lies beside it is kept at its height. */
  readonly grownFrom?: Bounds;
  /** Optional steps to leave out; for the benchmark's ablation alone. */
  readonly without?: ReadonlySet<FillStep>;
  readonly signal?: AbortSignal;
  /** Finished steps and how many there are; steps that prove unnecessary are skipped. */
  readonly onProgress?: (step: number, steps: number) => void;
  /** The hole as far as it has come, 8 bits, grey or RGB, large ones made smaller, and where it is in the picture. */
  readonly onPreview?: (fill: Picture, bounds: Bounds) => void;
}

/** Coordinates of sources are kept in 15 bits. */
export const MAX_WORKING_SIDE = 32767;

/** A fill as it is laid over its picture: `fill` and `mask` are as large as `bounds`. */
export interface FillLayer {
  /** In the source's format, before the mask's grey values are applied; where the mask is 0, the source's own samples. */
  readonly fill: Picture;
  /** Of the mask's pixels above 0, in the picture. */
  readonly bounds: Bounds;
  readonly mask: Mask;
  /**
   * Mean squared difference of the patches over the hole to those they resemble, as the last match measured it: of two
   * seeds of one hole the lower is the better. 0 where no patches are needed. Says nothing about another hole.
   */
  readonly energy: number;
}

/**
 * Finds what belongs in the white area of the mask, from the rest of the picture, without weights: multi-scale patch
 * match and vote (docs/fill.md). Alpha is filled like a colour. Of the picture only what is around the mask's white
 * area is touched.
 *
 * @param mask As large as the picture.
 * @throws EngineError 'mask-mismatch'; 'mask-empty' when no value is above 4 of 255; 'mask-full' when no known pixel
 * is left; 'image-too-large'; 'cancelled'.
 */
export async function solveFill(picture: Picture, mask: Mask, options: FillOptions): Promise<FillLayer> {
  const { threads, signal, onProgress, onPreview } = options;
  if (mask.width !== picture.width || mask.height !== picture.height) {
    throw new EngineError(
      'mask-mismatch',
      `Expected a mask of ${picture.width} x ${picture.height} px, received ${mask.width} x ${mask.height} px`,
    );
  }
  const hole = measureHole(mask);
  if (hole === null || hole.pixels === 0) {
    throw new EngineError('mask-empty', 'Expected a mask with white in it, received one black throughout');
  }
  const { bounds } = hole;

  // 0. Crop: the cost follows the hole, not the picture.
  const area = workingArea(hole, picture);
  assertWorkingSize(area);
  if (hole.pixels === area.width * area.height) {
    throw new EngineError(
      'mask-full',
      'Expected a mask that leaves some of the picture, received one white throughout',
    );
  }
  const holeBounds = { ...bounds, left: bounds.left - area.left, top: bounds.top - area.top };
  const workingMask = cropMask(mask, area).data;

  // 1. Decide from the mask what to do.
  const plan = await planOf(workingMask, { area, threads, signal });

  // 2. Copy the working area to where the threads can reach it.
  const memory = allocateFill(plan, {
    canvas: {
      width: area.width,
      height: area.height,
      channels: picture.channels,
      bytesPerSample: picture.data instanceof Uint16Array ? 2 : 1,
    },
    holeBounds,
    holePixels: hole.pixels,
    trials: plan.trials,
    memories: threads.memories,
  });
  try {
    const canvas = viewCanvas(memory.shared.buffer, memory.canvas);
    canvas.samples.set(cropPicture(picture, area).data);
    canvas.mask.set(workingMask);

    // 3. Solve.
    const solver = new MultiScaleSolver(memory, {
      plan,
      seed: options.seed,
      without: options.without ?? new Set(),
      threads,
      signal,
      onProgress,
      onPreview: onPreview && ((fill) => onPreview(fill, bounds)),
      holeBounds,
      grownFrom: options.grownFrom && {
        ...options.grownFrom,
        left: options.grownFrom.left - area.left,
        top: options.grownFrom.top - area.top,
      },
    });
    const energy = await solver.solve();

    // 4. Keep what the mask changes.
    const solved: Picture = { ...picture, width: area.width, height: area.height, data: canvas.samples };
    return {
      fill: cropPicture(solved, holeBounds),
      bounds,
      mask: cropMask({ width: area.width, height: area.height, data: workingMask }, holeBounds),
      energy,
    };
  } finally {
    threads.memories.release(memory.shared);
  }
}

function assertWorkingSize(area: Bounds): void {
  if (Math.max(area.width, area.height) > MAX_WORKING_SIDE) {
    throw new EngineError(
      'image-too-large',
      `Expected an area to fill of at most ${MAX_WORKING_SIDE} px a side with its surroundings, received ${area.width} x ${area.height} px`,
    );
  }
}

async function planOf(
  mask: Uint8Array,
  { area, threads, signal }: { area: Bounds; threads: FillThreads; signal: AbortSignal | undefined },
): Promise<FillPlan> {
  const memory = plainMemory(mask.length);
  new Uint8Array(memory.buffer).set(mask);
  const canvas: CanvasLayout = {
    width: area.width,
    height: area.height,
    channels: 1,
    bytesPerSample: 1,
    samples: 0,
    mask: 0,
  };
  const [plan] = await threads.run({ kernel: 'plan', canvas }, { jobs: 1, memory, signal });
  return plan as FillPlan;
}
