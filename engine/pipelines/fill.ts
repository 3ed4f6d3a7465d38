import type { FillTask } from '../api.ts';
import { fillPicture } from '../fill/fill-picture.ts';
import { maskBounds } from '../image/bounds.ts';
import { decode, decodeMask } from '../image/codec.ts';
import { cropMask, cropPicture } from '../image/crop.ts';
import type { Mask, Picture } from '../image/picture.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture } from './deliver.ts';
import { previewReporter } from './preview.ts';

/** Fills the white area of the mask from its surroundings; `count` variations, seed by seed. */
export async function runFill(task: FillTask, context: PipelineContext): Promise<void> {
  const { models, fillThreads, signal, onProgress } = context;

  // 1. Check what was asked for.
  await models.resolve(task.model, 'fill');

  // 2. Decode.
  onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const mask = await decodeMask(task.mask, picture);

  // 3. Fill, and hand each variation over as soon as it is there.
  for (let index = 0; index < task.count; index++) {
    signal.throwIfAborted();
    const seed = (task.seed + index) >>> 0;
    const filled = await fillPicture(picture, mask, {
      seed,
      threads: fillThreads,
      signal,
      onProgress: (step, steps) => onProgress('filling', index * steps + step, task.count * steps),
      onPreview: previewReporter(context),
    });
    if (task.resultArea === 'mask') await deliverMaskArea(filled, mask, { task, context, index, seed });
    else await deliverPicture(filled, { task, context, index, seed });
  }
}

interface VariationOptions {
  readonly task: FillTask;
  readonly context: PipelineContext;
  readonly index: number;
  readonly seed: number;
}

/** Only the changed rectangle, with the mask that an editor puts on the layer. */
async function deliverMaskArea(filled: Picture, mask: Mask, options: VariationOptions): Promise<void> {
  const bounds = maskBounds(mask)!;
  const area = cropMask(mask, bounds);
  await deliverPicture(cropPicture(filled, bounds), { ...options, at: bounds });
  await deliverPicture(
    { width: area.width, height: area.height, channels: 1, data: area.data },
    { ...options, at: bounds, role: 'mask' },
  );
}
