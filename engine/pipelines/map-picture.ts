import type { ControlMapTask } from '../api.ts';
import { preprocess } from '../control/preprocess.ts';
import { completeSettings } from '../control/preprocessor-list.ts';
import { decode } from '../image/codec.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture } from './deliver.ts';

/** Makes a picture's control map by itself, as large as the picture. */
export async function runControlMap(task: ControlMapTask, context: PipelineContext): Promise<void> {
  const { signal, onProgress } = context;

  // 1. Check what was asked for.
  const settings = completeSettings(task.preprocessor);

  // 2. Decode, and look.
  onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const map = await preprocess(picture, settings, {
    signal,
    assistive: context.assistive,
    onProgress: (step, steps) => onProgress('mapping', step, steps),
  });
  await deliverPicture(map, { task, context, index: 0 });
}
