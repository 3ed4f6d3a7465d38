/** What the page draws from words, as requests. */
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';
import {
  type DiffusionSettings,
  type DrawingRequest,
  diffusionFields,
  drawingModel,
  drawingModels,
  settingsOf,
} from '../../shared/store/diffusion-settings.ts';
import { type PictureSize, shapedSize } from '../../shared/store/picture-size.ts';
import type { EditorStore } from './editor-store.ts';
import { startJob } from './run-job.ts';
import { batch, output } from './run-operations.ts';

/** The model that would draw now; nothing while the server has none, or has not said. */
export function currentModel(editor: EditorStore): ModelCapability | undefined {
  const capabilities = editor.connection.capabilities.value;
  return capabilities && drawingModel(capabilities, 'generate', editor.prompts.settings.value);
}

/** The size that a new picture would have. */
export function newPictureSize(editor: EditorStore, model: ModelCapability): PictureSize {
  const size = editor.newSize.value;
  return typeof size === 'string' ? shapedSize(model, size) : size;
}

/** Draws a picture of this size, which takes the place of the one that is open; undo brings that back. */
export async function runGenerate(editor: EditorStore, { width, height }: PictureSize): Promise<void> {
  const { prompt, ...fields } = diffusionFields(usableSettings(editor));
  if (prompt === '') {
    editor.status.value = 'Say first what the picture is to show.';
    return;
  }
  if (editor.isLocked.value) return;
  editor.prompts.remember(prompt);
  editor.mode.value = 'select';
  editor.selectLayer(undefined);
  await startJob(editor, {
    request: { operation: 'generate', prompt, ...fields, width, height, output, ...batch(editor) },
  });
}

/** Sets prompt, seed and settings to those that a result was made with. */
export function reuseSettings(editor: EditorStore, request: DrawingRequest): void {
  editor.prompts.settings.value = settingsOf(request)!;
  const { count } = editor.runOptions.value;
  editor.runOptions.value = { count, ...(request.seed !== undefined && { seed: request.seed }) };
  editor.status.value = 'Prompt, seed and settings are those of this result again.';
  if (request.operation !== 'generate') return;
  const { width, height } = request;
  if (width !== undefined && height !== undefined) editor.newSize.value = { width, height };
  editor.dialog.value = 'generate';
}

/** Without a model that this server does not have, e.g. one of an earlier visit. */
function usableSettings(editor: EditorStore): DiffusionSettings {
  const { model, ...settings } = editor.prompts.settings.value;
  const models = drawingModels(editor.connection.capabilities.value ?? { models: [] });
  const isThere = model !== undefined && models.some(({ name }) => name === model);
  return { ...settings, ...(isThere && { model }) };
}
