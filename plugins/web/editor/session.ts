/** What survives a reload: the document, how the tools are set, and the job that runs. */
import { effect } from '@preact/signals-core';
import { type EditorStore, toolNames } from './editor-store.ts';
import { reportUnsaved, resumeJob } from './run-job.ts';
import { fitPicture } from './view.ts';

const settingsKey = 'inlay.editor';
/** Strokes in quick succession are saved once. */
const saveDelayMs = 300;

/** Brings back what was there, then keeps it saved. */
export async function restoreSession(editor: EditorStore): Promise<void> {
  await restoreSettings(editor);
  const document = await editor.documents.load();
  if (document !== undefined) {
    editor.restore(document);
    fitPicture(editor);
    void resumeJob(editor);
  }
  keepSaved(editor);
}

function keepSaved(editor: EditorStore): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saved = editor.saved.peek();
  const save = () => {
    clearTimeout(timer);
    const document = editor.saved.peek();
    if (document === undefined || document === saved) return;
    saved = document;
    editor.documents.save(document).catch((error: Error) => reportUnsaved(editor, error));
  };
  effect(() => {
    void editor.saved.value;
    clearTimeout(timer);
    timer = setTimeout(save, saveDelayMs);
  });
  addEventListener('pagehide', save);
  addEventListener('visibilitychange', save);
  effect(() => {
    const { tool, diameter, softness, runOptions, isHintUsed } = editor;
    const settings = {
      tool: tool.value,
      diameter: diameter.value,
      softness: softness.value,
      count: runOptions.value.count,
      isHintUsed: isHintUsed.value,
    };
    void editor.storage.set(settingsKey, JSON.stringify(settings));
  });
}

interface Settings {
  readonly tool: string;
  readonly diameter: number;
  readonly softness: number;
  readonly count: number;
  readonly isHintUsed: boolean;
}

async function restoreSettings(editor: EditorStore): Promise<void> {
  const text = await editor.storage.get(settingsKey);
  if (text === undefined) return;
  const { tool, diameter, softness, count, isHintUsed } = JSON.parse(text) as Partial<Settings>;
  editor.tool.value = toolNames.find((name) => name === tool) ?? 'brush';
  if (isNumber(diameter)) editor.diameter.value = diameter;
  if (isNumber(softness)) editor.softness.value = softness;
  if (isNumber(count)) editor.runOptions.value = { count };
  if (isHintUsed === true) editor.isHintUsed.value = true;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
