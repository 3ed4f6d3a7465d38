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
  const recipe = role === 'mask' ? undefined : recipeText(task, seed);
  const bytes = await encode(picture, { format: written, quality, ...(recipe !== undefined && { recipe }) });
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

/** The task's recipe for one picture of it, as JSON. */
export function recipeText({ recipe }: EngineTask, seed?: number): string | undefined {
  if (recipe === undefined) return undefined;
  return JSON.stringify(seed === undefined ? recipe : { ...recipe, seed, count: 1 });
}
