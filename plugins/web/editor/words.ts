/** The prompt and its settings as this server can follow them. */
import type { ModelCapability, Operation } from '../../../bridge/protocol/messages.ts';
import { drawingModel, type PromptOperation } from '../../shared/store/diffusion-settings.ts';
import type { RequestFields } from '../../shared/store/requests.ts';
import { hasWordsFor as hasWords } from '../../shared/store/usable-settings.ts';
import { controlSources } from './control-sources.ts';
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

/** What the prompt would do as things are; nothing where there is no model for that. */
export function promptOperation(editor: EditorStore): PromptOperation | undefined {
  if (editor.mode.value === 'upscale') return undefined;
  const preferred = editor.mode.value === 'expand' ? 'expand' : editor.hasSelection.value ? 'fill' : 'vary';
  return currentModel(editor, preferred) === undefined ? undefined : preferred;
}

/** Whether an operation would draw what the prompt says, not what the surroundings do. */
export function hasWordsFor(editor: EditorStore, operation: PromptOperation): boolean {
  const capabilities = editor.connection.capabilities.value;
  return hasWords(editor.prompts.settings.value, { capabilities, operation });
}

/** All that a request is made of. */
export function requestFields(editor: EditorStore, operation: PromptOperation): RequestFields {
  return {
    controlSources: controlSources(editor, operation),
    settings: editor.prompts.settings.value,
    capabilities: editor.connection.capabilities.value,
    ...editor.runOptions.value,
  };
}
