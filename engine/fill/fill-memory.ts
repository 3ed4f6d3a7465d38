import type { Bounds } from '../image/bounds.ts';
import type { Channels, Samples } from '../image/picture.ts';
import type { FillPlan } from './fill-plan.ts';
import type { Canvas } from './kernels/composite.ts';
import { membraneBytes } from './kernels/membrane.ts';
import { FEATURES, type FieldLayout, type LevelLayout } from './level.ts';
import type { MemoryPool, SharedMemory } from './memory-pool.ts';

/** Byte offsets of the working area's own samples and mask. */
export interface CanvasLayout {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly bytesPerSample: 1 | 2;
  readonly samples: number;
  readonly mask: number;
}

export interface FillMemory {
  readonly shared: SharedMemory;
  readonly canvas: CanvasLayout;
  /** One Int32 a pixel of the finest level's target box: the pixel that it is a copy of, or `NO_COPY`. */
  readonly copies: number;
  /** Finest first. */
  readonly levels: readonly LevelLayout[];
  /** Where a membrane over the copies may be laid out, over all of the levels but the finest roles. */
  readonly membrane: number;
}

/** Every offset is a multiple of this, so that 16-byte loads of a SIMD core are aligned where rows are. */
const ALIGNMENT = 16;

/** Rows that a split vote's low band is kept for: the two finest levels. */
const SPLIT_LEVELS = 2;

export interface FillMemoryOptions {
  readonly canvas: Omit<CanvasLayout, 'samples' | 'mask'>;
  /** Where the mask is not 0, in the canvas. */
  readonly holeBounds: Bounds;
  /** How many pixels are hole. */
  readonly holePixels: number;
  /** Solutions started at the coarsest level. */
  readonly trials: number;
  /** Where the memory comes from, and is released to. */
  readonly memories: MemoryPool;
}

/** Bytes after the last one, so that a load of sixteen may start at any. */
const SLACK = 64;

/** One memory for all that a fill needs, zeroed. */
export function allocateFill(plan: FillPlan, options: FillMemoryOptions): FillMemory {
  const { canvas, holeBounds, holePixels, trials, memories } = options;
  let end = memories.reservedBytes;
  const reserve = (bytes: number): number => {
    const offset = end;
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return offset;
  };
  const pixelCount = canvas.width * canvas.height;
  const samples = reserve(pixelCount * canvas.channels * canvas.bytesPerSample);
  const mask = reserve(pixelCount);
  const [finest] = plan.levels;
  const finestTargets = finest === undefined ? holeBounds : targetBounds(holeBounds, { plan, index: 0 });
  const finestRoles = reserve(pixelCount);
  const copies = reserve(finestTargets.width * finestTargets.height * 4);
  const membrane = end;
  const levels = plan.levels.map(({ width, height }, index): LevelLayout => {
    const targets = targetBounds(holeBounds, { plan, index });
    const count = width * height;
    const boxCount = targets.width * targets.height;
    const isCoarsest = index === plan.levels.length - 1;
    const fieldCount = isCoarsest ? trials : 1;
    const fields = Array.from(
      { length: fieldCount },
      (): FieldLayout => ({
        pixels: reserve(count * FEATURES),
        neighbours: [reserve(boxCount * 4), reserve(boxCount * 4)],
        costs: reserve(boxCount * 4),
        work: isCoarsest ? reserve(count * 8) : -1,
      }),
    );
    return {
      width,
      height,
      radius: plan.radius,
      targets,
      roles: index === 0 ? finestRoles : reserve(count),
      distance: reserve(count * 2),
      low: index < SPLIT_LEVELS ? reserve(count * FEATURES) : -1,
      fields,
    };
  });
  end = Math.max(end, membrane + membraneBytes(finestTargets, holePixels));
  return {
    shared: memories.take(end + SLACK),
    canvas: { ...canvas, samples, mask },
    copies,
    levels,
    membrane,
  };
}

/** Bounds of every pixel whose patch can touch the hole at a level. */
function targetBounds(holeBounds: Bounds, { plan, index }: { plan: FillPlan; index: number }): Bounds {
  const { width, height } = plan.levels[index]!;
  const left = Math.max(((holeBounds.left - 1) >> index) - plan.radius, 0);
  const top = Math.max(((holeBounds.top - 1) >> index) - plan.radius, 0);
  const right = ((holeBounds.left + holeBounds.width + 1) >> index) + plan.radius + 1;
  const bottom = ((holeBounds.top + holeBounds.height + 1) >> index) + plan.radius + 1;
  return { left, top, width: Math.min(right, width) - left, height: Math.min(bottom, height) - top };
}

export function viewCanvas(buffer: SharedArrayBuffer, layout: CanvasLayout): Canvas {
  const { width, height, channels } = layout;
  const length = width * height * channels;
  const samples: Samples =
    layout.bytesPerSample === 2
      ? new Uint16Array(buffer, layout.samples, length)
      : new Uint8Array(buffer, layout.samples, length);
  return { samples, channels, mask: new Uint8Array(buffer, layout.mask, width * height) };
}
