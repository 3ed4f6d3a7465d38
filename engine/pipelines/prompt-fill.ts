import type { FillDiffusion, FillTask } from '../api.ts';
import { EngineError } from '../errors.ts';
import { maskBounds } from '../image/bounds.ts';
import { decode, decodeMask } from '../image/codec.ts';
import type { PipelineContext } from './context.ts';
import { decodeControls } from './control-map.ts';
import { openControls } from './controls.ts';
import { deliverFill } from './deliver-fill.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';
import { paintMask } from './paint-mask.ts';

export type PromptFillTask = FillTask & { readonly diffusion: FillDiffusion };

/** Fills the white area of the mask from a prompt, with a diffusion model; `count` variations, seed by seed. */
export async function runPromptFill(task: PromptFillTask, context: PipelineContext): Promise<void> {
  // 1. Check what was asked for.
  context.onProgress('loading', 0, 1);
  const model = await openDiffusionModel(task, context);
  const opened = await openControls(task.diffusion.controls, model, context);

  // 2. Decode.
  context.onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const mask = await decodeMask(task.mask, picture);
  const controls = await decodeControls(opened, { source: picture });
  const bounds = maskBounds(mask);
  if (bounds === null) {
    throw new EngineError('mask-empty', 'Expected a mask with white in it, received one black throughout');
  }

  // 3. Paint, and hand each variation over as soon as it is there.
  await paintMask(picture, mask, {
    model,
    task,
    context,
    controls,
    bounds,
    deliver: (layer, variation) => deliverFill(layer, { task, context, picture, ...variation }),
  });
}
