/** What survives a reload: the document, how the tools are set, and the job that runs. */
import { effect } from '@preact/signals-core';
import { type EditorStore, setDiameter, toolNames } from './editor-store.ts';
import { reportUnsaved, resumeJob } from './run-job.ts';
import { fitPicture } from './view.ts';

const settingsKey = 'inlay.editor';
/** Strokes in quick succession are saved once. */
const saveDelayMs = 300;

/** Brings back what was there, then keeps it saved. */
export async function restoreSession(editor: EditorStore): Promise<void> {
  await restoreSettings(editor);
  keepSettings(editor);
  if (!editor.isKept) return;
  const document = await editor.documents.load().catch((error: Error) => {
    const message = 'The picture of the last visit could not be opened again.';
    editor.report({ message, hint: error.message });
  });
  if (document) {
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
}

function keepSettings(editor: EditorStore): void {
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
  const { tool, diameter, softness, count, isHintUsed } = parseSettings(
    await editor.storage.get(settingsKey),
  );
  editor.tool.value = toolNames.find((name) => name === tool) ?? 'brush';
  if (isNumber(diameter)) setDiameter(editor, diameter);
  if (isNumber(softness)) editor.softness.value = Math.min(1, Math.max(0, softness));
  if (isNumber(count) && count >= 1) editor.runOptions.value = { count };
  if (isHintUsed === true) editor.isHintUsed.value = true;
}

/** Nothing of what was damaged or is of another version. */
function parseSettings(text = '{}'): Partial<Settings> {
  try {
    return (JSON.parse(text) as Partial<Settings> | null) ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
