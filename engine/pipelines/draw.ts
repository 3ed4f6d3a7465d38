/** What all pipelines that draw with a diffusion model do alike, from the first noise to the finished image. */
import type { DiffusionSettings, Phase, PredictionType } from '../api.ts';
import type { Bounds, Size } from '../image/bounds.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { StableDiffusionUNet } from '../models/stable-diffusion-unet.ts';
import type { NoiseSource } from '../random/noise-source.ts';
import type { Tensor } from '../runtime/session.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { PipelineContext } from './context.ts';
import type { LoadedControl } from './control-residuals.ts';
import { type ControlCall, encodeMaps, type MappedControl, useControls } from './controls.ts';
import { type DenoiseOptions, denoise } from './denoise.ts';
import { type DrawingPlan, planDrawing, requireFit } from './drawing-plan.ts';
import { requireFinite } from './finite-numbers.ts';
import { encodePrompts } from './guidance.ts';
import type { Guidance } from './guided-prediction.ts';
import { noiseSource } from './latent-noise.ts';
import { latentPreview } from './latent-preview.ts';
import { previewReporter } from './preview.ts';
import { firstRefinedCall, openRefiner } from './refiner.ts';

/** The first latent of a picture, and what the UNet is shown besides. Draws from the noise in the order of diffusers. */
export interface Start extends Pick<DenoiseOptions, 'shown' | 'imageGuidanceScale' | 'afterStep'> {
  readonly latents: Float32Array;
}

export interface StartOptions {
  /** Of the picture in the batch, from 0. */
  readonly index: number;
  readonly scheduler: Scheduler;
  readonly noise: NoiseSource;
}

export interface DrawOptions {
  readonly model: StableDiffusionModel;
  readonly settings: DiffusionSettings;
  /** Of the image; multiples of 8. */
  readonly size: Size;
  /** The share of the steps, counted from the end, that is run; 1 = all. */
  readonly strength: number;
  readonly seed: number;
  readonly count: number;
  readonly context: PipelineContext;
  /** Whether `start` encodes one. */
  readonly isShownPicture: boolean;
  /** What it is to follow, with maps of `size`. */
  readonly controls: readonly MappedControl[];
  /** What its steps are told as; by default `denoising`. */
  readonly phase?: Extract<Phase, 'denoising' | 'refining'>;
  /** Where a preview belongs in the output. */
  readonly bounds: Bounds;
  readonly start: (options: StartOptions) => Promise<Start>;
  /** Called with each image [1, 3, height, width], about in [-1, 1]. */
  readonly deliver: (
    image: Tensor,
    picture: { readonly index: number; readonly seed: number },
  ) => Promise<void>;
}

/**
 * Draws image after image, image i with seed + i (unsigned 32-bit). Where the networks are loaded in turn, all images of a
 * batch are started, then drawn, then decoded, so that each network is loaded once. Throws `out-of-memory` before any is.
 */
export async function draw(options: DrawOptions): Promise<void> {
  const { model, settings, count, context, start, deliver } = options;
  const { signal, onProgress } = context;
  const noise = noiseSource(options.seed, settings.rng);
  const refiner = await openRefiner(settings, { model, engine: context });
  const plan = planDrawing(model, {
    ...options,
    ...(refiner !== undefined && { refiner }),
    steps: schedulerOf(model, { ...options, noise }).timesteps.length,
  });
  requireFit(plan);
  const isInTurn = plan.savings.includes('sequential-loading');

  const controlCalls = await encodeMaps(options.controls, signal);
  const prompts = { models: context.models, size: options.size, signal };
  const painters: Painter[] = [
    { model, guidanceAt: await encodePrompts(model, settings, prompts), controlCalls },
  ];
  if (refiner !== undefined) {
    const guidanceAt = await encodePrompts(refiner, settings, prompts);
    painters.push({ model: refiner, guidanceAt, controlCalls: [] });
  }
  const predictionType = await model.predictionType(signal);
  const pictures = Array.from({ length: count }, (_, index) => {
    const seed = (options.seed + index) >>> 0;
    const noise = noiseSource(seed, settings.rng);
    return { index, seed, noise, scheduler: schedulerOf(model, { ...options, noise, predictionType }) };
  });
  // Counted over all pictures: which of them a call is for says little where networks take turns.
  let finishedCalls = 0;
  const onCall = (calls: number) => onProgress(options.phase ?? 'denoising', ++finishedCalls, count * calls);
  for (const batch of isInTurn ? [pictures] : pictures.map((picture) => [picture])) {
    const starts: Start[] = [];
    for (const { index, noise, scheduler } of batch) starts.push(await start({ index, noise, scheduler }));
    let latents = starts.map(
      ({ latents: data }): Tensor => ({ shape: model.latentShape(options.size), data }),
    );
    for (const [turn, painter] of painters.entries()) {
      const drawn: Tensor[] = [];
      for (const [place, picture] of batch.entries()) {
        // What the checkpoint is shown besides is nothing to its refiner.
        const { afterStep, ...hints } = starts[place]!;
        const start = { ...(turn === 0 && hints), ...(afterStep && { afterStep }), latents: latents[place]! };
        const calls = callsOf(picture.scheduler, { settings, turn, turns: painters.length });
        // A network that has no steps is not loaded for them.
        drawn.push(
          calls.from === calls.until
            ? latents[place]!
            : await drawLatent(start, { ...options, ...picture, ...painter, plan, calls, onCall }),
        );
      }
      latents = drawn;
    }
    for (const [place, { index, seed }] of batch.entries()) {
      const onTile = (step: number, tiles: number) => onProgress('encoding', step, tiles);
      onProgress('encoding', 0, 1);
      const image = await model.decode(latents[place]!, { signal, onTile });
      requireFinite(image.data, { network: 'autoencoder' });
      await deliver(image, { index, seed });
    }
  }
}

/** A network that draws some of the steps. */
interface Painter {
  readonly model: StableDiffusionModel;
  readonly guidanceAt: (step: number) => Guidance;
  /** What the controls come to. */
  readonly controlCalls: readonly ControlCall[];
}

interface TurnOptions extends Pick<DrawOptions, 'settings'> {
  readonly turn: number;
  readonly turns: number;
}

function callsOf(
  scheduler: Scheduler,
  { settings: { refiner }, turn, turns }: TurnOptions,
): NonNullable<DenoiseOptions['calls']> {
  const calls = scheduler.timesteps.length;
  const middle = refiner === undefined ? calls : firstRefinedCall(scheduler, refiner.ratio);
  return { from: turn === 0 ? 0 : middle, until: turn === turns - 1 ? calls : middle };
}

interface LatentOptions extends DrawOptions, Painter {
  readonly scheduler: Scheduler;
  readonly plan: DrawingPlan;
  readonly calls: NonNullable<DenoiseOptions['calls']>;
  /** After each call, with how many there are for a picture. */
  readonly onCall: (calls: number) => void;
}

type LatentStart = Omit<Start, 'latents'> & Pick<DenoiseOptions, 'latents'>;

/** One image as the network leaves it. */
function drawLatent(start: LatentStart, options: LatentOptions): Promise<Tensor> {
  const { model, settings, size, strength, scheduler, plan, guidanceAt, context, bounds } = options;
  const { controlCalls, onCall } = options;
  const { numInferenceSteps, guidanceScale, guidanceRescale } = settings;
  const onPreview = previewReporter(context);
  const callCount = scheduler.timesteps.length;
  const stepsRun = Math.floor(numInferenceSteps * strength);
  const work = { size, batch: plan.samplesAtOnce, isControlled: controlCalls.length > 0 };
  const drawWith = (unet: StableDiffusionUNet, loaded: readonly LoadedControl[]) =>
    denoise({
      ...start,
      unet,
      controls: loaded,
      scheduler,
      calls: options.calls,
      guidanceAt: (call) =>
        guidanceAt(1 + numInferenceSteps - stepsRun + Math.floor((call * stepsRun) / callCount)),
      guidanceMode: plan.savings.includes('sequential-guidance') ? 'sequential' : 'batched',
      guidanceScale,
      guidanceRescale,
      signal: context.signal,
      onStep: (step, steps, expected) => {
        onCall(steps);
        if (step < steps) onPreview(latentPreview(expected, model.description.family), bounds);
      },
    });
  return model.useUNet(work, (unet) => useControls(controlCalls, work, (loaded) => drawWith(unet, loaded)));
}

export interface SchedulerSettings {
  readonly settings: Pick<DiffusionSettings, 'scheduler' | 'numInferenceSteps' | 'timesteps'>;
  readonly strength: number;
  readonly noise: NoiseSource;
  /** Makes no difference to how many steps there are: velocity goes with every noise schedule. */
  readonly predictionType?: PredictionType;
}

/** Makes the steps of one image. */
export function schedulerOf(
  { description }: StableDiffusionModel,
  { settings, strength, noise, predictionType = 'v_prediction' }: SchedulerSettings,
): Scheduler {
  return createScheduler(settings.scheduler, {
    numInferenceSteps: settings.numInferenceSteps,
    timesteps: settings.timesteps,
    strength,
    predictionType,
    rescaleZeroTerminalSnr: description.hasZeroTerminalSnr,
    noise,
  });
}

/** Noise for a start from nothing. */
export function startingNoise(
  length: number,
  { scheduler, noise }: Pick<StartOptions, 'scheduler' | 'noise'>,
): Float32Array {
  const latents = noise.normal(length);
  for (let i = 0; i < length; i++) latents[i]! *= scheduler.initNoiseSigma;
  return latents;
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
