import type { ExpandTask } from '../api.ts';
import { expandPicture } from '../fill/expand-picture.ts';
import { decode } from '../image/codec.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture } from './deliver.ts';
import { makeVariations } from './variations.ts';

/** Grows the canvas by whole pixels on any side and continues the picture into it; `count` variations, seed by seed. */
export async function runExpand(task: ExpandTask, context: PipelineContext): Promise<void> {
  // 1. Check what was asked for.
  await context.models.resolve(task.model, 'fill');

  // 2. Decode.
  context.onProgress('decoding', 0, 1);
  const picture = await decode(task.source);

  // 3. Expand, and hand each variation over as soon as it is there.
  await makeVariations(task, context, async ({ index, seed, fillOptions }) => {
    const expanded = await expandPicture(picture, task, fillOptions);
    const { width, height } = expanded;
    // 0 - x: a margin of 0 must not become -0.
    const at = { left: 0 - task.left, top: 0 - task.top, width, height };
    await deliverPicture(expanded, { task, context, index, seed, at });
  });
}
