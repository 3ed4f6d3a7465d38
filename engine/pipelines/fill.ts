import type { FillTask } from '../api.ts';
import { solveFill } from '../fill/solve-fill.ts';
import { decode, decodeMask } from '../image/codec.ts';
import type { PipelineContext } from './context.ts';
import { deliverFill } from './deliver-fill.ts';
import { makeVariations } from './variations.ts';

/** Fills the white area of the mask from its surroundings; `count` variations, seed by seed. */
export async function runFill(task: FillTask, context: PipelineContext): Promise<void> {
  // 1. Check what was asked for.
  await context.models.resolve(task.model, 'fill');

  // 2. Decode.
  context.onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const mask = await decodeMask(task.mask, picture);

  // 3. Fill, and hand each variation over as soon as it is there.
  await makeVariations(task, context, async ({ index, seed, fillOptions }) => {
    const layer = await solveFill(picture, mask, fillOptions);
    await deliverFill(layer, { task, context, index, seed, picture });
  });
}
