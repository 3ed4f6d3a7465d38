/** A picture enlarged by an upscaling network, for whatever becomes of it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ModelReference } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { Size } from '../image/bounds.ts';
import { LanczosRowResampler } from '../image/lanczos.ts';
import { allocateSamples, hasAlpha, maxSample, type Picture, type Samples } from '../image/picture.ts';
import type { RowSink } from '../image/png-stream.ts';
import { TileBlender } from '../image/tile-blender.ts';
import { planTiles } from '../image/tiles.ts';
import type { LoadedUpscaler } from '../models/upscaler.ts';
import { AlphaRows } from './alpha-rows.ts';
import type { PipelineContext } from './context.ts';
import { cutTile, withChannels } from './tile-tensor.ts';

/** Samples of finished rows that are handled between two turns of the event loop: some tens of milliseconds. */
const samplesAtOnce = 2 ** 20;

/** Channels that the networks work in. */
const networkChannels = 3;

export interface UpscalerChoice {
  readonly model: ModelReference;
  /** What is to be enlarged. */
  readonly picture: Size;
  readonly context: Pick<PipelineContext, 'models' | 'upscalers'>;
}

/** Runs `work` with an upscaler for pictures in colour. Throws what is wrong with it. */
export async function useUpscaler<Result>(
  { model, picture, context: { models, upscalers } }: UpscalerChoice,
  work: (upscaler: LoadedUpscaler) => Promise<Result>,
): Promise<Result> {
  const { file } = await models.resolve(model, 'upscaler');
  return upscalers.use({ file: file!, picture }, (upscaler) => {
    const { inputChannels, outputChannels } = upscaler.network;
    if (inputChannels !== networkChannels || outputChannels !== networkChannels) {
      throw new EngineError(
        'unsupported-architecture',
        `Expected an upscaler from ${networkChannels} to ${networkChannels} channels in ${file}, received one from ${inputChannels} to ${outputChannels}.`,
      );
    }
    return work(upscaler);
  });
}

export interface EnlargeOptions {
  readonly context: Pick<PipelineContext, 'signal' | 'onProgress'>;
  readonly target: Size;
}

/** In the picture's channels and depth. Memory: a tile, a row of tiles, and the result. */
export async function enlargePicture(
  picture: Picture,
  upscaler: LoadedUpscaler,
  { context, target }: EnlargeOptions,
): Promise<Picture> {
  const data = allocateSamples(picture.data, target.width * target.height * picture.channels);
  let written = 0;
  const sink: RowSink = {
    async write(rows) {
      data.set(rows, written);
      written += rows.length;
    },
  };
  await enlargeRows(picture, upscaler, { context, target, sink });
  return { ...picture, ...target, data };
}

/**
 * The whole picture, row by row from the top, in its channels and depth: by the network's own factor, then with Lanczos to
 * the target. Alpha is enlarged with Lanczos alone.
 */
export async function enlargeRows(
  picture: Picture,
  upscaler: LoadedUpscaler,
  { context, target, sink }: EnlargeOptions & { readonly sink: RowSink },
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
