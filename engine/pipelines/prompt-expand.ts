import type { ExpandTask, FillDiffusion } from '../api.ts';
import { boundsOf } from '../image/bounds.ts';
import { decode } from '../image/codec.ts';
import { compositeOver } from '../image/composite.ts';
import { extendCanvas, extensionMask } from '../image/crop.ts';
import { prefillHole } from '../image/prefill.ts';
import type { PipelineContext } from './context.ts';
import { decodeControls, extendControls } from './control-map.ts';
import { openControls } from './controls.ts';
import { deliverPicture } from './deliver.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';
import { paintMask } from './paint-mask.ts';

export type PromptExpandTask = ExpandTask & { readonly diffusion: FillDiffusion };

/** Grows the canvas and paints what is new from a prompt, with a diffusion model; `count` variations, seed by seed. */
export async function runPromptExpand(task: PromptExpandTask, context: PipelineContext): Promise<void> {
  // 1. Check what was asked for.
  context.onProgress('loading', 0, 1);
  const model = await openDiffusionModel(task, context);
  const opened = await openControls(task.diffusion.controls, model, context);

  // 2. Decode, and continue the picture smoothly into the new canvas, as a start.
  context.onProgress('decoding', 0, 1);
  const source = await decode(task.source);
  const mask = extensionMask(source, task);
  const picture = prefillHole(extendCanvas(source, task), mask);
  const controls = extendControls(await decodeControls(opened, { source }), task);

  // 3. Paint, and hand each variation over as soon as it is there.
  await paintMask(picture, mask, {
    model,
    task,
    context,
    controls,
    bounds: boundsOf(picture),
    deliver: (layer, variation) => {
      const { width, height } = picture;
      // 0 - x: a margin of 0 must not become -0.
      const at = { left: 0 - task.left, top: 0 - task.top, width, height };
      const { fill, mask: layerMask, bounds } = layer;
      const expanded = compositeOver(picture, { fill, mask: layerMask, at: bounds });
      return deliverPicture(expanded, { task, context, at, ...variation });
    },
  });
}
