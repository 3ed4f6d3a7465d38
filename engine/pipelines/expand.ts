import type { ExpandTask } from '../api.ts';
import { expandPicture } from '../fill/expand-picture.ts';
import { decode } from '../image/codec.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture } from './deliver.ts';
import { previewReporter } from './preview.ts';

/** Grows the canvas by whole pixels on any side and continues the picture into it; `count` variations, seed by seed. */
export async function runExpand(task: ExpandTask, context: PipelineContext): Promise<void> {
  const { models, fillThreads, signal, onProgress } = context;

  // 1. Check what was asked for.
  await models.resolve(task.model, 'fill');

  // 2. Decode.
  onProgress('decoding', 0, 1);
  const picture = await decode(task.source);

  // 3. Expand, and hand each variation over as soon as it is there.
  for (let index = 0; index < task.count; index++) {
    signal.throwIfAborted();
    const seed = (task.seed + index) >>> 0;
    const expanded = await expandPicture(picture, task, {
      seed,
      threads: fillThreads,
      signal,
      onProgress: (step, steps) => onProgress('filling', index * steps + step, task.count * steps),
      onPreview: previewReporter(context),
    });
    const at = { left: -task.left, top: -task.top, width: expanded.width, height: expanded.height };
    await deliverPicture(expanded, { task, context, index, seed, at });
  }
}
