/** The prompt and its settings as a server can follow them. */
import type { Capabilities, JobRequest, ModelKind } from '../../../bridge/protocol/messages.ts';
import {
  type DiffusionSettings,
  drawingModel,
  drawingModels,
  type PromptOperation,
  wordsOf,
} from './diffusion-settings.ts';

export interface ServerAndOperation {
  /** Nothing while the server has not said. */
  readonly capabilities: Capabilities | undefined;
  readonly operation: PromptOperation;
}

/** Whether an operation would draw what the prompt says, not what the surroundings do. */
export function hasWordsFor(
  settings: DiffusionSettings,
  { capabilities, operation }: ServerAndOperation,
): boolean {
  const hasWords = settings.prompt.trim() !== '';
  return (
    hasWords && capabilities !== undefined && drawingModel(capabilities, operation, settings) !== undefined
  );
}

/** Without what the server lacks, for that is of an earlier visit, and without what another model would hear alone. */
export function usableSettings(
  settings: DiffusionSettings,
  { capabilities, operation }: ServerAndOperation,
): DiffusionSettings {
  const { model, vae, upscaler, scheduler, predictionType, imageGuidanceScale, ...others } = settings;
  const models = capabilities === undefined ? [] : drawingModels(capabilities, operation);
  const current = capabilities && drawingModel(capabilities, operation, settings);
  const schedulers = capabilities?.schedulers ?? [];
  const isThere = (kind: ModelKind, name: string) =>
    capabilities?.models.some((other) => other.kind === kind && other.name === name);
  return {
    ...others,
    ...(model !== undefined && models.some(({ name }) => name === model) && { model }),
    ...(vae !== undefined && isThere('vae', vae) && { vae }),
    ...(upscaler !== undefined && isThere('upscaler', upscaler) && { upscaler }),
    ...(predictionType !== undefined && current?.predictionType === undefined && { predictionType }),
    ...(scheduler !== undefined && schedulers.includes(scheduler) && { scheduler }),
    ...(imageGuidanceScale !== undefined && current?.variant === 'pix2pix' && { imageGuidanceScale }),
  };
}

/** The longer side that the model of a request was trained at; nothing for one without words, or of a model that has gone. */
export function modelSideOf(request: JobRequest, capabilities: Capabilities | undefined): number | undefined {
  const words = wordsOf(request);
  const model = words && capabilities && drawingModel(capabilities, words.operation, words);
  return model?.resolution && Math.max(model.resolution.width, model.resolution.height);
}
