/** The prompt and its settings as this server can follow them. */
import type { JobRequest, ModelCapability, ModelKind, Operation } from '../../../bridge/protocol/messages.ts';
import {
  type DiffusionSettings,
  drawingModel,
  drawingModels,
  type PromptOperation,
  wordsOf,
} from '../../shared/store/diffusion-settings.ts';
import type { EditorStore } from './editor-store.ts';

/** The model that would draw now; nothing while the server has none for this operation, or has not said. */
export function currentModel(
  editor: EditorStore,
  operation: Operation = 'generate',
): ModelCapability | undefined {
  const capabilities = editor.connection.capabilities.value;
  return capabilities && drawingModel(capabilities, operation, editor.prompts.settings.value);
}

/** The longer side that the model of a request was trained at; nothing for one without words, or of a model that has gone. */
export function modelSideOf(editor: EditorStore, request: JobRequest): number | undefined {
  const capabilities = editor.connection.capabilities.value;
  const words = wordsOf(request);
  const model = words && capabilities && drawingModel(capabilities, words.operation, words);
  return model?.resolution && Math.max(model.resolution.width, model.resolution.height);
}

/** Whether there is something to say about the open picture. */
export function takesWords(editor: EditorStore): boolean {
  return currentModel(editor, 'fill') !== undefined || currentModel(editor, 'vary') !== undefined;
}

/** What the prompt would do as things are; nothing where there is no model for that. */
export function promptOperation(editor: EditorStore): PromptOperation | undefined {
  if (editor.mode.value === 'upscale') return undefined;
  const preferred = editor.mode.value === 'expand' ? 'expand' : editor.hasSelection.value ? 'fill' : 'vary';
  return currentModel(editor, preferred) === undefined ? undefined : preferred;
}

/** Whether an operation would draw what the prompt says, not what the surroundings do. */
export function hasWordsFor(editor: EditorStore, operation: PromptOperation): boolean {
  const hasWords = editor.prompts.settings.value.prompt.trim() !== '';
  return hasWords && currentModel(editor, operation) !== undefined;
}

/** Without what the server lacks, for that is of an earlier visit, and without what another model would hear alone. */
export function usableSettings(editor: EditorStore, operation: PromptOperation): DiffusionSettings {
  const { model, vae, upscaler, scheduler, predictionType, imageGuidanceScale, ...settings } =
    editor.prompts.settings.value;
  const capabilities = editor.connection.capabilities.value;
  const models = capabilities === undefined ? [] : drawingModels(capabilities, operation);
  const current = currentModel(editor, operation);
  const schedulers = capabilities?.schedulers ?? [];
  const isThere = (kind: ModelKind, name: string) =>
    capabilities?.models.some((other) => other.kind === kind && other.name === name);
  return {
    ...settings,
    ...(model !== undefined && models.some(({ name }) => name === model) && { model }),
    ...(vae !== undefined && isThere('vae', vae) && { vae }),
    ...(upscaler !== undefined && isThere('upscaler', upscaler) && { upscaler }),
    ...(predictionType !== undefined && current?.predictionType === undefined && { predictionType }),
    ...(scheduler !== undefined && schedulers.includes(scheduler) && { scheduler }),
    ...(imageGuidanceScale !== undefined && current?.variant === 'pix2pix' && { imageGuidanceScale }),
  };
}
