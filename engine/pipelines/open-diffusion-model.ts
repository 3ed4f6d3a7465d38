import type { DiffusionSettings, ModelReference, Operation } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { HypernetworkFile, LoraFile, StableDiffusionModel } from '../models/stable-diffusion.ts';
import { readExtraNetworks } from '../text/extra-networks.ts';
import type { PipelineContext } from './context.ts';
import { namedHypernetworks } from './named-hypernetworks.ts';
import { namedLoras } from './named-loras.ts';
import type { NamedNetworkOptions } from './named-network.ts';

/** What a pix2pix checkpoint can do: both show it a picture to change. */
const instructedOperations: readonly Operation[] = ['vary', 'fill'];

export interface DiffusionTask {
  readonly operation: Operation;
  readonly model: ModelReference;
  readonly diffusion: Pick<
    DiffusionSettings,
    'prompt' | 'vae' | 'upscaler' | 'predictionType' | 'loras' | 'hypernetworks'
  >;
}

export type ModelServices = Pick<PipelineContext, 'models' | 'diffusion'> &
  Partial<Pick<PipelineContext, 'onWarning'>>;

/** The checkpoint that a task names, changed as it asks, with the autoencoder that it names. Throws what is wrong with any of its models. */
export async function openDiffusionModel(
  { operation, model, diffusion: settings }: DiffusionTask,
  engine: ModelServices,
): Promise<StableDiffusionModel> {
  const { vae, upscaler, predictionType } = settings;
  const { models } = engine;
  const { info } = await models.resolve(model, 'checkpoint');
  // It comes last: what is wrong with it is not to be found out once all is drawn.
  if (upscaler !== undefined) await models.resolve(upscaler, 'upscaler');
  const { variant } = info;
  if (variant === 'pix2pix' && !instructedOperations.includes(operation)) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a base or an inpainting checkpoint for ${operation}, received \`${info.name}\`, which changes a picture that is there by instruction (pix2pix).`,
      { hint: 'Use it with `vary` or `fill`, or choose another checkpoint; `inlay models` lists them.' },
    );
  }
  const changes = await namedChanges(settings, { models, checkpoint: info });
  const opened = await openCheckpointModel(
    {
      model,
      ...changes,
      ...(vae !== undefined && { vae }),
      ...(predictionType !== undefined && { predictionType }),
    },
    engine,
  );
  for (const warning of opened.warnings) engine.onWarning?.(warning);
  return opened;
}

/** What a request's settings and the tags in its prompt change of a checkpoint. Throws what is wrong with any of it. */
export async function namedChanges(
  { prompt, loras, hypernetworks }: Pick<DiffusionSettings, 'prompt' | 'loras' | 'hypernetworks'>,
  options: NamedNetworkOptions,
): Promise<Pick<CheckpointChoice, 'loras' | 'hypernetworks'>> {
  const tags = readExtraNetworks(prompt);
  return {
    loras: await namedLoras(loras, tags.loras, options),
    hypernetworks: await namedHypernetworks(hypernetworks, tags.hypernetworks, options),
  };
}

export interface CheckpointChoice extends Pick<DiffusionSettings, 'vae' | 'predictionType'> {
  readonly model: ModelReference;
  readonly loras?: readonly LoraFile[];
  readonly hypernetworks?: readonly HypernetworkFile[];
}

/** A checkpoint with an autoencoder, its own or another of its family. Throws what is wrong with either. */
export async function openCheckpointModel(
  { model, vae, predictionType, loras = [], hypernetworks = [] }: CheckpointChoice,
  { models, diffusion }: Pick<PipelineContext, 'models' | 'diffusion'>,
): Promise<StableDiffusionModel> {
  const { info, file } = await models.resolve(model, 'checkpoint');
  const vaeFile = vae === undefined ? undefined : await models.autoencoder(vae, info);
  const { family = 'sd1', variant = 'base', hasZeroTerminalSnr = false } = info;
  const said = predictionType ?? info.predictionType;
  // Base checkpoints of 2.x come in two kinds that look alike; all others predict noise unless they say something else.
  const known = said ?? (family === 'sd2' && variant === 'base' ? undefined : 'epsilon');
  return diffusion.open(
    { checkpoint: file!, loras, hypernetworks, ...(vaeFile !== undefined && { vae: vaeFile }) },
    {
      family,
      variant,
      hasZeroTerminalSnr,
      ...(known !== undefined && { predictionType: known }),
      ...(info.resolution !== undefined && { resolution: info.resolution }),
    },
  );
}
