import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputOptions, UpscaleTask } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { Size } from '../image/bounds.ts';
import { decode } from '../image/codec.ts';
import { LanczosRowResampler } from '../image/lanczos.ts';
import { allocateSamples, hasAlpha, maxSample, type Picture, type Samples } from '../image/picture.ts';
import { PngStreamWriter, type RowSink } from '../image/png-stream.ts';
import { TileBlender } from '../image/tile-blender.ts';
import { planTiles } from '../image/tiles.ts';
import type { LoadedUpscaler } from '../models/upscaler.ts';
import { requireMemory } from '../runtime/memory.ts';
import { AlphaRows } from './alpha-rows.ts';
import type { PipelineContext } from './context.ts';
import { deliverPicture, recipeText } from './deliver.ts';
import { cutTile, withChannels } from './tile-tensor.ts';
import { upscaledSize } from './upscaled-size.ts';

/** Results with more samples' bytes than this are written to disk row by row as PNG and never held in memory. */
export const maxResultBytesInMemory = 512 * 2 ** 20;

/** Samples of finished rows that are handled between two turns of the event loop: some tens of milliseconds. */
const samplesAtOnce = 2 ** 20;

/** Channels that the networks work in. */
const networkChannels = 3;

/**
 * Enlarges a picture with an ESRGAN-family network, tile by tile, to any size: the network's own factor first, then
 * Lanczos. Alpha is enlarged with Lanczos alone. Memory: the source; one tile (of 768 px on the CPU: up to 0.6 GB of
 * features, and its result of 12 bytes a pixel a few times over); a row of tiles as finished samples; and the result, or
 * where that is larger than `maxResultBytesInMemory`, nothing of it. 24 megapixels of RGB by 4 take 1.0 GiB with the
 * smallest network.
 */
export async function runUpscale(task: UpscaleTask, context: PipelineContext): Promise<void> {
  const { models, upscalers, onProgress } = context;

  // 1. Check what was asked for.
  const { file } = await models.resolve(task.model, 'upscaler');

  // 2. Decode, and see that the result can be had.
  onProgress('decoding', 0, 1);
  const picture = await decode(task.source);
  const target = upscaledSize(picture, task.target);
  const spooled = isSpooled(picture, target, task.output);

  // 3. Load the network, and run it on tile after tile.
  onProgress('loading', 0, 1);
  await upscalers.use(file!, async (upscaler) => {
    const { inputChannels, outputChannels } = upscaler.network;
    if (inputChannels !== networkChannels || outputChannels !== networkChannels) {
      throw new EngineError(
        'unsupported-architecture',
        `Expected an upscaler from ${networkChannels} to ${networkChannels} channels in ${file}, received one from ${inputChannels} to ${outputChannels}.`,
      );
    }
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
  const { channels } = picture;
  requireMemory(2 * resultBytes(picture, target), `the ${target.width} x ${target.height} result`);
  const data = allocateSamples(picture.data, target.width * target.height * channels);
  let written = 0;
  const sink: RowSink = {
    async write(rows) {
      data.set(rows, written);
      written += rows.length;
    },
  };
  await upscaleRows(picture, upscaler, { context, target, sink });
  const { icc } = picture;
  const result: Picture = { ...target, channels, data, ...(icc === undefined ? {} : { icc }) };
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
    await upscaleRows(picture, upscaler, { context, target, sink: writer });
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.finish();
  const { size: byteLength } = await stat(file);
  const bounds = { left: 0, top: 0, ...target };
  context.onResult({ index: 0, role: 'picture', format: 'png', bounds, content: { file, byteLength } });
}

interface UpscaleRowsOptions {
  readonly context: PipelineContext;
  readonly target: Size;
  readonly sink: RowSink;
}

/** The whole picture, row by row from the top, in the source's channels and depth. */
async function upscaleRows(
  picture: Picture,
  upscaler: LoadedUpscaler,
  { context, target, sink }: UpscaleRowsOptions,
): Promise<void> {
  const { scale } = upscaler.network;
  const { signal, onProgress } = context;
  const plan = planTiles(picture, upscaler.tiling);
  const enlarged = { width: picture.width * scale, height: picture.height * scale };
  const depth = maxSample(picture.data) === 255 ? 8 : 16;
  const blender = new TileBlender(plan, { scale, channels: networkChannels, depth });
  const isTarget = enlarged.width === target.width && enlarged.height === target.height;
  const resampler = isTarget
    ? undefined
    : new LanczosRowResampler({ input: enlarged, output: target, channels: networkChannels });
  const alpha = hasAlpha(picture.channels) ? new AlphaRows(picture, target) : undefined;

  const steps = plan.tiles.length * upscaler.countRuns(plan.input.width, plan.input.height);
  // A resampler may make many rows of one.
  const rowOutput = (target.width * target.height * networkChannels) / enlarged.height;
  let step = 0;
  onProgress('upscaling', step, steps);
  for (const tile of plan.tiles) {
    const image = cutTile(picture, tile.bounds, plan.input);
    const upscaled = await upscaler.run(image, {
      signal,
      onRun: () => onProgress('upscaling', ++step, steps),
    });
    const finished = blender.add(tile, upscaled.data);
    if (finished === null) continue;
    const rowLength = enlarged.width * networkChannels;
    for (const enlargedRows of inSlices(finished, { rowLength, rowCost: Math.max(rowLength, rowOutput) })) {
      await nextTurn();
      signal.throwIfAborted();
      const rows = resampler?.push(enlargedRows) ?? enlargedRows;
      if (rows.length === 0) continue;
      const rowCount = rows.length / (target.width * networkChannels);
      await sink.write(withChannels(rows, picture.channels, alpha?.take(rowCount)));
    }
  }
}

/** Whole rows in slices that cost `samplesAtOnce` at most, of one row at least: between two a job can be cancelled. */
function* inSlices(
  rows: Samples,
  { rowLength, rowCost }: { readonly rowLength: number; readonly rowCost: number },
): Generator<Samples> {
  const sliceLength = Math.max(1, Math.floor(samplesAtOnce / rowCost)) * rowLength;
  for (let start = 0; start < rows.length; start += sliceLength) {
    yield rows.subarray(start, start + sliceLength);
  }
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
