import type { EngineTask } from '../api.ts';
import type { Bounds } from '../image/bounds.ts';
import { encode } from '../image/codec.ts';
import type { Picture } from '../image/picture.ts';
import type { PipelineContext } from './context.ts';

export interface DeliverOptions {
  readonly task: EngineTask;
  readonly context: PipelineContext;
  readonly index: number;
  readonly seed?: number;
  readonly role?: 'picture' | 'mask';
  /** Where the picture belongs, in the source's pixels; by default the source's own place. */
  readonly at?: Bounds;
}

/** Encodes a finished picture as the task wants it and hands it to the host. */
export async function deliverPicture(picture: Picture, options: DeliverOptions): Promise<void> {
  const { task, context, index, seed, role = 'picture' } = options;
  const { width, height } = picture;
  const { at = { left: 0, top: 0, width, height } } = options;
  context.onProgress('encoding', 0, 1);
  const { format, quality } = task.output;
  // A mask has no quality to lose: an encoded one is always PNG.
  const maskFormat = /8$|16$/.test(format) ? 'gray8' : 'png';
  const written = role === 'mask' ? maskFormat : format;
  const recipe = task.recipe === undefined || role === 'mask' ? {} : { recipe: task.recipe };
  const bytes = await encode(picture, { format: written, quality, ...recipe });
  context.onResult({
    index,
    role,
    ...(seed === undefined ? {} : { seed }),
    format: written,
    bounds: at,
    content: { bytes },
  });
  context.onProgress('encoding', 1, 1);
}
