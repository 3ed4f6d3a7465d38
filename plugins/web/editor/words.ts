/** The prompt and its settings as this server can follow them. */
import type { ModelCapability, Operation } from '../../../bridge/protocol/messages.ts';
import {
  type DiffusionSettings,
  drawingModel,
  drawingModels,
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

/** Whether there is something to say about the open picture. */
export function takesWords(editor: EditorStore): boolean {
  return currentModel(editor, 'fill') !== undefined || currentModel(editor, 'vary') !== undefined;
}

/** Whether the selection would be filled with what the prompt says, not from its surroundings. */
export function fillsWithWords(editor: EditorStore): boolean {
  const hasWords = editor.prompts.settings.value.prompt.trim() !== '';
  return hasWords && currentModel(editor, 'fill') !== undefined;
}

/** Without a model that the server lacks, or a scheduler: they are of an earlier visit. */
export function usableSettings(editor: EditorStore): DiffusionSettings {
  const { model, scheduler, ...settings } = editor.prompts.settings.value;
  const capabilities = editor.connection.capabilities.value;
  const models = capabilities === undefined ? [] : drawingModels(capabilities);
  const schedulers = capabilities?.schedulers ?? [];
  return {
    ...settings,
    ...(model !== undefined && models.some(({ name }) => name === model) && { model }),
    ...(scheduler !== undefined && schedulers.includes(scheduler) && { scheduler }),
  };
}
