import type { DiffusionSettings } from '../api.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { PipelineContext } from './context.ts';

/** The checkpoint that a task names, with the autoencoder that it names. Throws what is wrong with either. */
export async function openDiffusionModel(
  { model, vae, predictionType }: Pick<DiffusionSettings, 'model' | 'vae' | 'predictionType'>,
  { models, diffusion }: Pick<PipelineContext, 'models' | 'diffusion'>,
): Promise<StableDiffusionModel> {
  const { info, file } = await models.resolve(model, 'checkpoint');
  const vaeFile = vae === undefined ? undefined : (await models.resolve(vae, 'vae')).file;
  const { family = 'sd1', variant = 'base', hasZeroTerminalSnr = false } = info;
  return diffusion.open(
    { checkpoint: file!, ...(vaeFile !== undefined && { vae: vaeFile }) },
    {
      family,
      variant,
      hasZeroTerminalSnr,
      predictionType: predictionType ?? info.predictionType ?? 'epsilon',
    },
  );
}
