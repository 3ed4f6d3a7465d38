import type { EngineTask, GenerateTask, PictureTask, TaskEstimate, UpscaleTask } from '../api.ts';
import { EngineError } from '../errors.ts';
import { startsFor } from '../fill/best-fill.ts';
import { boundsOf, type Size } from '../image/bounds.ts';
import { planTiles } from '../image/tiles.ts';
import { availableBytes } from '../runtime/memory.ts';
import type { PipelineContext } from './context.ts';
import { maxResultBytesInMemory } from './upscale.ts';
import { upscaledSize } from './upscaled-size.ts';

/** Multiply-adds a second of two ordinary cores; a first guess, before anything has run. */
const assumedMultiplyAddsPerSecond = 50e9;
/** Working memory of the network for a pixel of a tile: four times 64 features, and the result. */
const networkBytesPerTilePixel = 4 * 64 * 4 + 3 * 16 * 4;
/** Of the fill, for a pixel of the picture. */
const fillBytesPerPixel = 40;
/** Time of the fill for a pixel of the result that it makes. */
const fillMicrosecondsPerPixel = 60;

/** How often a diffusion network uses each of its weights for a pixel, with guidance; of SD 1.5 at 512 px. */
const diffusionWeightUses = 3e-3;
/** Of a diffusion network's largest values for a pixel of the result: mostly the autoencoder's. */
const diffusionBytesPerPixel = 6_000;

type EstimateContext = Pick<PipelineContext, 'models' | 'upscalers'>;

/** Time, memory and size of a task before it starts, from sizes alone; its pictures need no bytes. */
export async function estimateTask(task: EngineTask, engine: EstimateContext): Promise<TaskEstimate> {
  if (task.operation !== 'generate') return estimatePictureTask(task, engine);
  const estimate = await estimateGenerate(task, engine);
  const contextBounds = boundsOf({ width: task.width, height: task.height });
  return { ...estimate, contextBounds, fits: estimate.memoryBytes <= availableBytes() };
}

async function estimatePictureTask(task: PictureTask, engine: EstimateContext): Promise<TaskEstimate> {
  const { width, height } = task.source;
  if (width === undefined || height === undefined) {
    throw new EngineError(
      'invalid-option',
      'Expected the width and height of the source for an estimate, received none.',
    );
  }
  const source = { width, height };
  const estimate =
    task.operation === 'upscale' ? await estimateUpscale(task, source, engine) : estimateFill(task, source);
  return { ...estimate, contextBounds: boundsOf(source), fits: estimate.memoryBytes <= availableBytes() };
}

type Figures = Omit<TaskEstimate, 'contextBounds' | 'fits'>;

async function estimateUpscale(
  task: UpscaleTask,
  source: Size,
  { models, upscalers }: EstimateContext,
): Promise<Figures> {
  const target = upscaledSize(source, task.target);
  const network = await models.upscaler(task.model);
  const plan = planTiles(source, upscalers.tiling(network));
  const tilePixels = plan.input.width * plan.input.height;
  const multiplyAdds = plan.tiles.length * tilePixels * network.multiplyAddsPerPixel;
  const resultBytes = target.width * target.height * 4;
  return {
    outputWidth: target.width,
    outputHeight: target.height,
    steps: plan.tiles.length,
    durationMs: Math.round((multiplyAdds / assumedMultiplyAddsPerSecond) * 1000),
    memoryBytes:
      source.width * source.height * 4 +
      (resultBytes > maxResultBytesInMemory ? 0 : 2 * resultBytes) +
      tilePixels * networkBytesPerTilePixel,
  };
}

/** Of the weights, as float32, and of what a step holds. */
async function estimateGenerate(task: GenerateTask, { models }: EstimateContext): Promise<Figures> {
  const { width, height, count, model } = task;
  const { numInferenceSteps } = task.diffusion;
  const { info } = await models.resolve(model, 'checkpoint');
  const weightBytes = 2 * (info.fileBytes ?? 0);
  const steps = count * numInferenceSteps;
  const multiplyAdds = steps * (width * height) * (weightBytes / 4) * diffusionWeightUses;
  return {
    outputWidth: width,
    outputHeight: height,
    steps,
    durationMs: Math.round((multiplyAdds / assumedMultiplyAddsPerSecond) * 1000),
    memoryBytes: weightBytes + width * height * diffusionBytesPerPixel,
  };
}

function estimateFill(task: Exclude<PictureTask, UpscaleTask>, source: Size): Figures {
  const margins = task.operation === 'expand' ? task : { left: 0, right: 0, top: 0, bottom: 0 };
  const outputWidth = source.width + margins.left + margins.right;
  const outputHeight = source.height + margins.top + margins.bottom;
  const pixels = outputWidth * outputHeight;
  // Of a fill only the mask's pixels tell how much is made; without them: as if it were a tenth of the picture.
  const madePixels = task.operation === 'expand' ? pixels - source.width * source.height : pixels / 10;
  const starts = task.operation === 'remove' ? startsFor(madePixels) : 1;
  return {
    outputWidth,
    outputHeight,
    steps: task.count,
    durationMs: Math.round((task.count * starts * madePixels * fillMicrosecondsPerPixel) / 1000),
    memoryBytes: pixels * (fillBytesPerPixel + 4 * (1 + task.count)),
  };
}
