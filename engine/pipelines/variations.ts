import type { ExpandTask, FillTask, RemoveTask } from '../api.ts';
import type { FillOptions } from '../fill/solve-fill.ts';
import type { PipelineContext } from './context.ts';
import { previewReporter } from './preview.ts';

export interface Variation {
  readonly index: number;
  readonly seed: number;
  /** For the fill: its progress counts within that of all variations. */
  readonly fillOptions: FillOptions;
}

/** Makes a task's `count` variations one after the other, picture i with seed + i (unsigned 32-bit). */
export async function makeVariations(
  { seed: firstSeed, count }: FillTask | RemoveTask | ExpandTask,
  context: PipelineContext,
  make: (variation: Variation) => Promise<void>,
): Promise<void> {
  const { fillThreads: threads, signal, onProgress } = context;
  for (let index = 0; index < count; index++) {
    signal.throwIfAborted();
    const seed = (firstSeed + index) >>> 0;
    const fillOptions: FillOptions = {
      seed,
      threads,
      signal,
      onProgress: (step, steps) => onProgress('filling', index * steps + step, count * steps),
      onPreview: previewReporter(context),
    };
    await make({ index, seed, fillOptions });
  }
}
