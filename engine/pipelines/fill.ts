import type { FillTask } from '../api.ts';
import { fillPicture } from '../fill/fill-picture.ts';
import { maskBounds } from '../image/bounds.ts';
import { decode, decodeMask } from '../image/codec.ts';
import { cropMask, cropPicture } from '../image/crop.ts';
import type { Mask, Picture } from '../image/picture.ts';
import type { PipelineContext } from './context.ts';
import { type DeliverOptions, deliverPicture } from './deliver.ts';
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
    const filled = await fillPicture(picture, mask, fillOptions);
    const delivery = { task, context, index, seed };
    if (task.resultArea === 'mask') await deliverMaskArea(filled, mask, delivery);
    else await deliverPicture(filled, delivery);
  });
}

/** Only the changed rectangle, with the mask that an editor puts on the layer. */
async function deliverMaskArea(filled: Picture, mask: Mask, delivery: DeliverOptions): Promise<void> {
  // The fill has refused a mask with nothing in it.
  const bounds = maskBounds(mask)!;
  const area = cropMask(mask, bounds);
  await deliverPicture(cropPicture(filled, bounds), { ...delivery, at: bounds });
  await deliverPicture({ ...area, channels: 1 }, { ...delivery, at: bounds, role: 'mask' });
}
