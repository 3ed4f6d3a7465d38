import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { OutputOptions, UpscaleTask } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { Size } from '../image/bounds.ts';
import { decode } from '../image/codec.ts';
import { maxSample, type Picture } from '../image/picture.ts';
import { PngStreamWriter } from '../image/png-stream.ts';
import type { LoadedUpscaler } from '../models/upscaler.ts';
import { requireMemory } from '../runtime/memory.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture, recipeText } from './deliver.ts';
import { enlargePicture, enlargeRows, useUpscaler } from './enlarge.ts';
import { upscaledSize } from './upscaled-size.ts';

/** Results with more samples' bytes than this are written to disk row by row as PNG and never held in memory. */
export const maxResultBytesInMemory = 512 * 2 ** 20;

/**
 * Enlarges a picture with an ESRGAN-family network, tile by tile, to any size: the network's own factor first, then
 * Lanczos. Alpha is enlarged with Lanczos alone. Memory: the source; one tile (of 768 px on the CPU: up to 0.6 GB of
 * features, and its result of 12 bytes a pixel a few times over); a row of tiles as finished samples; and the result, or
 * where that is larger than `maxResultBytesInMemory`, nothing of it. 24 megapixels of RGB by 4 take 1.0 GiB with the
 * smallest network.
 */
export async function runUpscale(task: UpscaleTask, context: PipelineContext): Promise<void> {
  const { models, onProgress } = context;

  // 1. Check what was asked for.
  await models.resolve(task.model, 'upscaler');

  // 2. Decode, and see that the result can be had.
  onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const target = upscaledSize(picture, task.target);
  const spooled = isSpooled(picture, target, task.output);

  // 3. Load the network, and run it on tile after tile.
  onProgress('loading', 0, 1);
  await useUpscaler({ model: task.model, picture, context }, async (upscaler) => {
    if (spooled) await upscaleToFile(picture, upscaler, { task, context, target });
    else await upscaleInMemory(picture, upscaler, { task, context, target });
  });
}

interface UpscaleOptions {
  readonly task: UpscaleTask;
  readonly context: PipelineContext;
  readonly target: Size;
}

async function upscaleInMemory(
  picture: Picture,
  upscaler: LoadedUpscaler,
  { task, context, target }: UpscaleOptions,
): Promise<void> {
  requireMemory(2 * resultBytes(picture, target), `the ${target.width} x ${target.height} result`);
  const result = await enlargePicture(picture, upscaler, { context, target });
  await deliverPicture(result, { task, context, index: 0 });
}

/** The result goes straight to a PNG file in the spool folder; the host moves it to where it is wanted. */
async function upscaleToFile(
  picture: Picture,
  upscaler: LoadedUpscaler,
  { task, context, target }: UpscaleOptions,
): Promise<void> {
  const { channels, data, icc } = picture;
  const file = path.join(context.spoolFolder, `${randomUUID()}.png`);
  const recipe = recipeText(task);
  const writer = new PngStreamWriter(file, {
    ...target,
    channels,
    depth: maxSample(data) === 255 ? 8 : 16,
    ...(icc === undefined ? {} : { icc }),
    ...(recipe !== undefined && { recipe }),
  });
  try {
    await enlargeRows(picture, upscaler, { context, target, sink: writer });
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.finish();
  const { size: byteLength } = await stat(file);
  const bounds = { left: 0, top: 0, ...target };
  context.onResult({ index: 0, role: 'picture', format: 'png', bounds, content: { file, byteLength } });
}

function resultBytes({ channels, data }: Picture, { width, height }: Size): number {
  return width * height * channels * data.BYTES_PER_ELEMENT;
}

/** Whether the result is too large for memory. Throws `image-too-large` where its format cannot be written in rows. */
function isSpooled(picture: Picture, target: Size, { format }: OutputOptions): boolean {
  const bytes = resultBytes(picture, target);
  if (bytes <= maxResultBytesInMemory) return false;
  if (format === 'png') return true;
  const megabytes = (count: number) => Math.floor(count / 2 ** 20);
  throw new EngineError(
    'image-too-large',
    `Expected a result of at most ${megabytes(maxResultBytesInMemory)} MiB uncompressed as ${format}, ` +
      `received ${target.width} x ${target.height} px (${megabytes(bytes)} MiB).`,
    { hint: 'Choose PNG, which is written straight to disk, or a smaller scale.' },
  );
}
