import type { RemoveTask } from '../api.ts';
import { bestFill } from '../fill/best-fill.ts';
import { growObjectMask } from '../fill/object-mask.ts';
import { decode, decodeMask } from '../image/codec.ts';
import type { PipelineContext } from './context.ts';
import { deliverFill } from './deliver-fill.ts';
import { makeVariations } from './variations.ts';

/** Removes the object under the white area of the mask, fringes and all; `count` variations, seed by seed. */
export async function runRemove(task: RemoveTask, context: PipelineContext): Promise<void> {
  // 1. Check what was asked for.
  await context.models.resolve(task.model, 'fill');

  // 2. Decode.
  context.onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const mask = await decodeMask(task.mask, picture);

  // 3. Cover what the mask has left of the object.
  const { fillThreads: threads, signal } = context;
  const objectMask = await growObjectMask(picture, mask, { threads, signal });

  // 4. Fill, and hand each variation over as soon as it is there.
  await makeVariations(task, context, async ({ index, seed, fillOptions }) => {
    const layer = await bestFill(picture, objectMask, fillOptions);
    await deliverFill(layer, { task, context, index, seed, picture });
  });
}
