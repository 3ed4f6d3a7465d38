/** What the page draws from words, as requests. */
import type { GenerateRequest, ModelCapability, VaryRequest } from '../../../bridge/protocol/messages.ts';
import { type DrawingRequest, settingsOf } from '../../shared/store/diffusion-settings.ts';
import { type PictureSize, shapedSize } from '../../shared/store/picture-size.ts';
import * as requests from '../../shared/store/requests.ts';
import { stylesOf, withoutStyle } from '../../shared/store/styles.ts';
import type { EditorStore } from './editor-store.ts';
import { startJob } from './run-job.ts';
import { output, runExpand, runOnSelection } from './run-operations.ts';
import { hasMargins } from './tools/expand-tool.ts';
import { promptOperation, requestFields } from './words.ts';

/**
 * What Enter does in the prompt's field: it fills what is selected; without a selection it varies the whole picture, or
 * expands it where that is being done.
 */
export async function runPrompt(editor: EditorStore): Promise<void> {
  const operation = promptOperation(editor);
  const isSaid = editor.prompts.settings.value.prompt.trim() !== '';
  if (operation === 'expand') {
    // Without words its surroundings say what is to be seen.
    if (hasMargins(editor.margins.value)) await runExpand(editor);
    else editor.status.value = 'Say first how far: drag the frame, or press +25 %.';
  } else if (!isSaid) {
    editor.status.value = 'Say first what is to be seen.';
  } else if (operation === 'vary') {
    await runVary(editor);
  } else if (operation === 'fill' || !editor.hasSelection.value) {
    await runOnSelection(editor, 'fill');
  }
}

/** Draws the whole picture anew from the prompt, as near to what it is as the strength leaves it. */
export async function runVary(editor: EditorStore): Promise<void> {
  if (editor.isLocked.value) return;
  editor.prompts.remember(editor.prompts.settings.value.prompt);
  await startJob(editor, { request: varyRequest(editor) });
}

/** What varying the picture asks for. */
export function varyRequest(editor: EditorStore): VaryRequest {
  return { ...requests.varyRequest(requestFields(editor, 'vary')), output };
}

/** The size that a new picture would have. */
export function newPictureSize(editor: EditorStore, model: ModelCapability): PictureSize {
  const size = editor.newSize.value;
  return typeof size === 'string' ? shapedSize(model, size) : size;
}

/** Draws a picture of this size, which takes the place of the one that is open; undo brings that back. */
export async function runGenerate(editor: EditorStore, size: PictureSize): Promise<void> {
  const request = generateRequest(editor, size);
  if (request.prompt === '') {
    editor.status.value = 'Say first what the picture is to show.';
    return;
  }
  if (editor.isLocked.value) return;
  editor.prompts.remember(request.prompt);
  editor.mode.value = 'select';
  editor.selectLayer(undefined);
  await startJob(editor, { request });
}

/** What drawing a new picture asks for. */
export function generateRequest(editor: EditorStore, size: PictureSize): GenerateRequest {
  return { ...requests.generateRequest(requestFields(editor, 'generate')), ...size, output };
}

/** Sets prompt, seed and settings to those that a result was made with. */
export function reuseSettings(editor: EditorStore, request: DrawingRequest): void {
  const styles = stylesOf(editor.connection.capabilities.value);
  editor.prompts.settings.value = withoutStyle(settingsOf(request)!, styles).settings;
  const { count } = editor.runOptions.value;
  editor.runOptions.value = { count, ...(request.seed !== undefined && { seed: request.seed }) };
  editor.status.value = 'Prompt, seed and settings are those of this result again.';
  if (request.operation !== 'generate') return;
  const { width, height } = request;
  if (width !== undefined && height !== undefined) editor.newSize.value = { width, height };
  editor.dialog.value = 'generate';
}
