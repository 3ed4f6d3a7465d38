/**
 * A second checkpoint that draws the last of the steps, where only details are left (the refiner of SDXL, arXiv 2307.01952,
 * section 2.5): it goes on from the latent that the first one leaves.
 */
import type { DiffusionSettings } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { PipelineContext } from './context.ts';
import { namedChanges, openCheckpointModel } from './open-diffusion-model.ts';

/** Training steps of all networks of the family, which timesteps count. */
const trainSteps = 1000;

/**
 * The checkpoint that refines what `model` draws; none where nothing asks for it. LoRAs and hypernetworks change it too where
 * they are for it: another SDXL base checkpoint, as in A1111, not SDXL's refiner. Throws what is wrong with it.
 */
export async function openRefiner(
  settings: Pick<DiffusionSettings, 'refiner' | 'loras' | 'hypernetworks' | 'prompt'>,
  { model, engine }: { readonly model: StableDiffusionModel; readonly engine: RefinerEngine },
): Promise<StableDiffusionModel | undefined> {
  const { refiner } = settings;
  if (refiner === undefined) return undefined;
  const { family, predictionType = 'epsilon' } = model.description;
  if (family !== 'sdxl') {
    throw new EngineError(
      'invalid-option',
      `Expected an SDXL checkpoint to draw what a refiner goes on with, received ${model.title}.`,
      { hint: 'Leave the refiner out, or choose an SDXL checkpoint; `inlay models` lists them.' },
    );
  }
  const { models } = engine;
  const { info } = await models.resolve(refiner.model, 'checkpoint');
  const opened = await openCheckpointModel(
    {
      model: refiner.model,
      ...(info.family === 'sdxl' && (await namedChanges(settings, { models, checkpoint: info }))),
    },
    engine,
  );
  const own = opened.description;
  const isOfFamily = own.family === 'sdxl-refiner' || own.family === 'sdxl';
  if (!isOfFamily || own.variant !== 'base') {
    throw new EngineError(
      'invalid-option',
      `Expected SDXL's refiner, or another SDXL base checkpoint, as the refiner, received ${opened.title}.`,
      { hint: 'Choose another with `inlay models`.' },
    );
  }
  if ((own.predictionType ?? 'epsilon') !== predictionType) {
    throw new EngineError(
      'invalid-option',
      `Expected a refiner that predicts what the checkpoint does (${predictionType}), received ${opened.title}, which predicts ${own.predictionType}.`,
      { hint: 'Leave the refiner out: it was not made for this checkpoint.' },
    );
  }
  return opened;
}

type RefinerEngine = Pick<PipelineContext, 'models' | 'diffusion'>;

/** The first call that is the refiner's: where `ratio` of the noise is gone, as diffusers' `denoising_start` has it. */
export function firstRefinedCall({ timesteps }: Pick<Scheduler, 'timesteps'>, ratio: number): number {
  const cutoff = Math.round(trainSteps * (1 - ratio));
  const first = timesteps.findIndex((timestep) => timestep < cutoff);
  return first === -1 ? timesteps.length : first;
}
