import type {
  ControlMapTask,
  EngineTask,
  FillTask,
  GenerateTask,
  ImagePayload,
  TaskEstimate,
  UpscaleTask,
} from '../api.ts';
import { EngineError } from '../errors.ts';
import { startsFor } from '../fill/best-fill.ts';
import { type Bounds, boundsOf, maskBounds as maskBoundsOf, type Size } from '../image/bounds.ts';
import { decode, decodeMask } from '../image/codec.ts';
import { planTiles } from '../image/tiles.ts';
import { tileBytes } from '../models/upscaler.ts';
import { availableBytes, formatGigabytes } from '../runtime/memory.ts';
import type { PipelineContext } from './context.ts';
import { type DrawingTask, estimateDrawing, isDrawingTask } from './estimate-drawing.ts';
import { assumedMultiplyAddsPerSecond, mapNeeds } from './map-needs.ts';
import { tasksOfChoices } from './prompt-choices.ts';
import { maxResultBytesInMemory } from './upscale.ts';
import { upscaledSize } from './upscaled-size.ts';

/** Of the fill, for a pixel of the picture. */
const fillBytesPerPixel = 40;
/** Time of the fill for a pixel of the result that it makes. */
const fillMicrosecondsPerPixel = 60;

type EstimateContext = Pick<PipelineContext, 'models' | 'upscalers' | 'diffusion' | 'assistive'>;

export interface EstimateOptions {
  readonly engine: EstimateContext;
  /** Of a fill: what of the source is white in the mask; all of it where it is not told. */
  readonly maskBounds?: Bounds;
  readonly wildcardsFolder?: string;
}

/** Time, memory and size of a task before it starts. Pictures without bytes say their sizes, which is all that is needed. */
export async function estimateTask(
  task: EngineTask,
  { engine, maskBounds, wildcardsFolder }: EstimateOptions,
): Promise<TaskEstimate> {
  const source = task.operation === 'generate' ? undefined : await sizeOf(task.source);
  if (isDrawingTask(task)) {
    const bounds = task.operation === 'fill' ? (maskBounds ?? (await whiteIn(task, source!))) : undefined;
    // As many pictures as the first one, whatever the others' prompts say.
    const [first] = (await tasksOfChoices(task, wildcardsFolder)) ?? [];
    const chosen = first === undefined ? task : ({ ...first.task, count: task.count } as DrawingTask);
    return estimateDrawing(chosen, { engine, source, maskBounds: bounds });
  }
  return estimateUndrawn(task, source!, engine);
}

async function estimateUndrawn(
  task: UndrawnTask,
  source: Size,
  engine: EstimateContext,
): Promise<TaskEstimate> {
  const figures = await figuresOf(task, source, engine);
  return { ...figures, ...outcomeOf(figures), contextBounds: boundsOf(source) };
}

async function figuresOf(task: UndrawnTask, source: Size, engine: EstimateContext): Promise<Figures> {
  switch (task.operation) {
    case 'upscale':
      return estimateUpscale(task, source, engine);
    case 'control-map':
      return estimateControlMap(task, source, engine);
    default:
      return { ...estimateFill(task, source), availableBytes: availableBytes() };
  }
}

type Figures = Pick<
  TaskEstimate,
  'outputWidth' | 'outputHeight' | 'steps' | 'durationMs' | 'memoryBytes' | 'availableBytes'
>;

function outcomeOf({
  outputWidth,
  outputHeight,
  memoryBytes,
  availableBytes: available,
}: Figures): Pick<TaskEstimate, 'outcome' | 'savings' | 'refusal'> {
  if (memoryBytes <= available) return { outcome: 'fits', savings: [] };
  return {
    outcome: 'refused',
    savings: [],
    refusal: {
      message: `Expected ${formatGigabytes(memoryBytes)} of memory for a result of ${outputWidth} x ${outputHeight} px, found ${formatGigabytes(available)} free.`,
      hint: 'Close other programs, or use a smaller picture or scale.',
    },
  };
}

type UndrawnTask = Exclude<EngineTask, DrawingTask | GenerateTask>;

/** Bounds of what is white in a mask that has bytes. */
async function whiteIn({ mask }: Pick<FillTask, 'mask'>, source: Size): Promise<Bounds | undefined> {
  if (mask.bytes.length === 0) return undefined;
  return maskBoundsOf(await decodeMask(mask, source)) ?? undefined;
}

async function sizeOf(payload: ImagePayload): Promise<Size> {
  const { width, height } = payload.bytes.length > 0 ? await decode(payload) : payload;
  if (width !== undefined && height !== undefined) return { width, height };
  throw new EngineError(
    'invalid-option',
    'Expected the width and height of the source for an estimate, received none.',
  );
}

async function estimateUpscale(
  task: UpscaleTask,
  source: Size,
  { models, upscalers }: EstimateContext,
): Promise<Figures> {
  const target = upscaledSize(source, task.target);
  const network = await models.upscaler(task.model);
  const tiling = upscalers.tiling(network);
  const plan = planTiles(source, tiling);
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
      tileBytes(source, tiling),
    availableBytes: upscalers.budgetBytes,
  };
}

/** Throws `model-not-found` for a preprocessor whose model is not there. */
async function estimateControlMap(
  { preprocessor }: ControlMapTask,
  size: Size,
  { assistive }: EstimateContext,
): Promise<Figures> {
  const { durationMs, memoryBytes, hasNetworks } = await mapNeeds(preprocessor.name, { size, assistive });
  return {
    outputWidth: size.width,
    outputHeight: size.height,
    steps: 1,
    durationMs: Math.ceil(durationMs),
    memoryBytes,
    availableBytes: hasNetworks ? assistive.budgetBytes : availableBytes(),
  };
}

function estimateFill(
  task: Exclude<UndrawnTask, UpscaleTask | ControlMapTask>,
  source: Size,
): Omit<Figures, 'availableBytes'> {
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
