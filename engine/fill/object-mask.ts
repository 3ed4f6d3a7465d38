import { type Bounds, boundsOf, grow, intersect, maskBounds } from '../image/bounds.ts';
import { cropMask, cropPicture } from '../image/crop.ts';
import type { Mask, Picture } from '../image/picture.ts';
import { type CanvasLayout, viewCanvas } from './fill-memory.ts';
import type { FillThreads } from './fill-threads.ts';
import { HOLE_THRESHOLD } from './kernels/hole.ts';
import { FEATHER } from './kernels/object-mask.ts';

/** How far a mask is grown at most: this many hundredths of the object's size, the root of its area. */
export const REACH_PERCENT = 6;

/** And within these limits, in pixels. */
export const MIN_REACH = 4;
export const MAX_REACH = 24;

/** How far a grown mask's pixels can be from those of the mask that was given, in rows and columns. */
export const MAX_MASK_GROWTH = MAX_REACH + FEATHER.length;

export interface GrowOptions {
  /** Started when first needed; one of them does the work. */
  readonly threads: FillThreads;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The mask of a roughly marked object grown over what it has left of it: antialiased edges, halos, the soft edge of a
 * shadow. Added is what lies within a small reach of the mask, hangs together with it, and looks like nothing
 * in the surroundings farther out; so nothing is added where they are plain or go on into the mask. Grey pixels of the
 * mask that still show the object become white. What is added gets a soft edge of two pixels.
 *
 * Integer arithmetic throughout; looks at the mask's bounds and a little around them, whatever the picture's size.
 *
 * @param mask As large as the picture; above 4 of 255 is object.
 * @returns A mask nowhere below the one given, which comes back itself where nothing is added or nothing would be left.
 * @throws EngineError 'cancelled' soon after the signal.
 */
export async function growObjectMask(
  picture: Picture,
  mask: Mask,
  { threads, signal }: GrowOptions,
): Promise<Mask> {
  const bounds = maskBounds(mask);
  if (bounds === null) return mask;
  const reach = reachOf(cropMask(mask, bounds));
  // Surroundings are looked for up to twice the reach from any pixel that may be added.
  const area = intersect(grow(bounds, 3 * reach + FEATHER.length), boundsOf(mask));

  // On a thread, as a large object takes seconds, in which this one must hear a cancel.
  const { memories } = threads;
  const samples = cropPicture(picture, area).data;
  const canvas: CanvasLayout = {
    width: area.width,
    height: area.height,
    channels: picture.channels,
    bytesPerSample: samples instanceof Uint16Array ? 2 : 1,
    samples: memories.reservedBytes,
    mask: memories.reservedBytes + samples.byteLength,
  };
  const memory = memories.take(canvas.mask + area.width * area.height);
  try {
    const shared = viewCanvas(memory.buffer, canvas);
    shared.samples.set(samples);
    shared.mask.set(cropMask(mask, area).data);
    const task = { kernel: 'object-mask', canvas, reach } as const;
    const [hasGrown] = await threads.run(task, { jobs: 1, memory, signal });
    if (hasGrown !== true) return mask;
    const grown = pasteMask(mask, shared.mask, area);
    return leavesNothing(grown, area) ? mask : grown;
  } finally {
    memories.release(memory);
  }
}

function reachOf({ data }: Mask): number {
  let pixels = 0;
  for (const value of data) if (value > HOLE_THRESHOLD) pixels++;
  const share = Math.floor((Math.floor(Math.sqrt(pixels)) * REACH_PERCENT) / 100);
  return Math.min(Math.max(share, MIN_REACH), MAX_REACH);
}

/** A copy with other values in the area. */
function pasteMask(mask: Mask, values: Uint8Array, area: Bounds): Mask {
  const data = mask.data.slice();
  for (let y = 0; y < area.height; y++) {
    const row = values.subarray(y * area.width, (y + 1) * area.width);
    data.set(row, (area.top + y) * mask.width + area.left);
  }
  return { ...mask, data };
}

/** Whether the picture would have no known pixel any more. */
function leavesNothing(mask: Mask, area: Bounds): boolean {
  if (area.width < mask.width || area.height < mask.height) return false;
  return mask.data.every((value) => value > HOLE_THRESHOLD);
}
