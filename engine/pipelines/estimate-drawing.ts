/** What a task that a diffusion model draws will take: the plan that it will follow, told before it starts. */
import type { EngineTask, GenerateTask, Refusal, TaskEstimate, VaryTask } from '../api.ts';
import { type Bounds, boundsOf, type Size } from '../image/bounds.ts';
import type { FillPlacement } from '../image/placement.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import { formatGigabytes } from '../runtime/memory.ts';
import type { PipelineContext } from './context.ts';
import { type OpenedControl, openControls } from './controls.ts';
import { schedulerOf } from './draw.ts';
import { type DrawingPlan, planDrawing } from './drawing-plan.ts';
import { type Pass, passesOf } from './high-resolution.ts';
import { noiseSource } from './latent-noise.ts';
import { mapNeeds } from './map-needs.ts';
import { openDiffusionModel } from './open-diffusion-model.ts';
import type { PromptExpandTask } from './prompt-expand.ts';
import type { PromptFillTask } from './prompt-fill.ts';
import { openRefiner } from './refiner.ts';
import { placeDrawing } from './working-size.ts';

export type DrawingTask = GenerateTask | VaryTask | PromptFillTask | PromptExpandTask;

export function isDrawingTask(task: EngineTask): task is DrawingTask {
  return 'diffusion' in task && task.diffusion !== undefined;
}

export interface DrawingEstimateOptions {
  readonly engine: Pick<PipelineContext, 'models' | 'diffusion' | 'assistive'>;
  /** None of a picture from nothing. */
  readonly source: Size | undefined;
  readonly maskBounds: Bounds | undefined;
}

export async function estimateDrawing(
  task: DrawingTask,
  { engine, source, maskBounds }: DrawingEstimateOptions,
): Promise<TaskEstimate> {
  const model = await openDiffusionModel(task, engine);
  const controls = await openControls(task.diffusion.controls, model, engine);
  const { output, placement } = placeTask(task, { model, source, maskBounds });
  const { seed, count } = task;
  const noise = noiseSource(seed, task.diffusion.rng);
  const refiner = await openRefiner(task.diffusion, { model, engine });
  const planPass = async (pass: Pass) => {
    const steps = schedulerOf(model, { ...pass, noise }).timesteps.length;
    const isRefined = refiner !== undefined && pass.settings.refiner !== undefined;
    const drawing = { ...pass, count, steps, controls, ...(isRefined && { refiner }) };
    const plan = planDrawing(model, drawing);
    return { steps, ...(await withMaps(plan, controls, { size: pass.size, assistive: engine.assistive })) };
  };
  const plans = await Promise.all(passesIn(task, { model, size: placement.size }).map(planPass));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value);
  const largest = plans.reduce((most, plan) => (plan.memoryBytes > most.memoryBytes ? plan : most));
  const { savings, memoryBytes, availableBytes, refusal } = largest;
  return {
    outputWidth: output.width,
    outputHeight: output.height,
    contextBounds: placement.context,
    workingSize: placement.size,
    steps: count * sum(plans.map(({ steps }) => steps)),
    durationMs: sum(plans.map(({ durationMs }) => durationMs)),
    memoryBytes,
    availableBytes,
    savings,
    ...(refusal === undefined
      ? { outcome: savings.length === 0 ? 'fits' : 'fits-with-savings' }
      : { outcome: 'refused', refusal }),
  };
}

interface MapOptions extends Pick<PipelineContext, 'assistive'> {
  /** That is drawn at, which maps are made at. */
  readonly size: Size;
}

/**
 * A plan with the maps that are made before it is followed, one after the other: each network that makes one is let go where the
 * next ones need its room, so that of their memory the most counts.
 */
async function withMaps(
  plan: DrawingPlan,
  controls: readonly OpenedControl[],
  options: MapOptions,
): Promise<DrawingPlan> {
  let whole = plan;
  for (const { settings, kind, label } of controls) {
    // A map for inpainting is the picture and its mask.
    if (settings.preprocessor === undefined || kind === 'inpaint') continue;
    const { durationMs, memoryBytes } = await mapNeeds(settings.preprocessor.name, options);
    const refusal = whole.refusal ?? refusalOf(label, { memoryBytes, availableBytes: plan.availableBytes });
    whole = {
      ...whole,
      durationMs: Math.round(whole.durationMs + durationMs),
      memoryBytes: Math.max(whole.memoryBytes, memoryBytes),
      ...(refusal !== undefined && { refusal }),
    };
  }
  return whole;
}

function refusalOf(
  label: string,
  { memoryBytes, availableBytes }: Pick<DrawingPlan, 'memoryBytes' | 'availableBytes'>,
): Refusal | undefined {
  if (memoryBytes <= availableBytes) return undefined;
  return {
    message: `Expected ${formatGigabytes(memoryBytes)} of memory for the map of ${label}, found ${formatGigabytes(availableBytes)} free.`,
    hint: 'Close other programs, draw smaller, or send the map itself, without a preprocessor.',
  };
}

/** One, but for a picture from words that is larger than the model knows. */
function passesIn(
  task: DrawingTask,
  { model: { description }, size }: { readonly model: StableDiffusionModel; readonly size: Size },
): readonly Pass[] {
  if (task.operation === 'generate') return passesOf(task, description).filter((pass) => pass !== undefined);
  const { diffusion: settings } = task;
  return [{ settings, size, strength: settings.strength, isShownPicture: true }];
}

interface Placed {
  /** Size of the result, or of the picture that it is a part of. */
  readonly output: Size;
  /** The context in the source's pixels. */
  readonly placement: FillPlacement;
}

interface PlaceOptions {
  readonly model: StableDiffusionModel;
  readonly source: Size | undefined;
  readonly maskBounds: Bounds | undefined;
}

function placeTask(task: DrawingTask, { model, source, maskBounds }: PlaceOptions): Placed {
  const { description } = model;
  if (task.operation === 'generate') {
    const size = { width: task.width, height: task.height };
    return { output: size, placement: { context: boundsOf(size), size } };
  }
  const canvas = canvasOf(task, source!);
  const { workingSize } = task.diffusion;
  const policy = task.operation === 'vary' ? 'whole' : task.diffusion.context;
  const changed = task.operation === 'fill' ? (maskBounds ?? boundsOf(canvas)) : boundsOf(canvas);
  const { context, size } = placeDrawing(changed, { canvas, policy, workingSize, description });
  const { left, top } = task.operation === 'expand' ? task : { left: 0, top: 0 };
  const inSource = { ...context, left: context.left - left, top: context.top - top };
  return { output: canvas, placement: { context: inSource, size } };
}

function canvasOf(task: Exclude<DrawingTask, GenerateTask>, { width, height }: Size): Size {
  if (task.operation !== 'expand') return { width, height };
  return { width: width + task.left + task.right, height: height + task.top + task.bottom };
}
