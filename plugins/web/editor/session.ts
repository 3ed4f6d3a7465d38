/** What survives a reload: the document, what of it is in view, how the tools are set, and the job that runs. */
import { effect } from '@preact/signals-core';
import type { Size } from '../../shared/picture/geometry.ts';
import { parseSketch } from '../document/sketch.ts';
import type { Viewport } from '../document/viewport.ts';
import { type EditorStore, setDiameter, toolNames } from './editor-store.ts';
import { reportUnsaved, resumeJob } from './run-job.ts';

const settingsKey = 'inlay.editor';
const viewKey = 'inlay.view';
const sketchKey = 'inlay.sketch';

/** Brings back what was there, then keeps it saved. */
export async function restoreSession(editor: EditorStore): Promise<void> {
  await restoreSettings(editor);
  keepSettings(editor);
  editor.sketch.value = parseSketch(await editor.storage.get(sketchKey));
  keepSketch(editor);
  await editor.prompts.restore();
  if (!editor.isKept) return;
  const document = await editor.documents.load().catch((error: Error) => {
    const message = 'The picture of the last visit could not be opened again.';
    editor.report({ message, hint: error.message });
  });
  if (document) {
    editor.restore(document);
    await restoreView(editor, document.size);
  }
  void resumeJob(editor);
  keepSaved(editor);
  keepView(editor);
}

/** Each change at once, for the page may be left right after it; those that come while one is written, together. */
function keepSaved(editor: EditorStore): void {
  let saved = editor.saved.peek();
  let isSaving = false;
  const save = async () => {
    if (isSaving) return;
    isSaving = true;
    for (let next = editor.saved.peek(); next !== undefined && next !== saved; next = editor.saved.peek()) {
      saved = next;
      await editor.documents.save(next).catch((error: Error) => reportUnsaved(editor, error));
    }
    isSaving = false;
  };
  effect(() => {
    void editor.saved.value;
    void save();
  });
}

/** A viewport that the user has chosen, and the size of the picture that it shows. */
interface KeptView extends Viewport {
  readonly size: Size;
}

/** When the page is left or hidden: it may not come back. */
function keepView(editor: EditorStore): void {
  const keep = () => {
    const size = editor.saved.peek()?.size;
    if (size === undefined || editor.isFitted.peek()) void editor.storage.remove(viewKey);
    else {
      const view: KeptView = { ...editor.viewport.peek(), size };
      void editor.storage.set(viewKey, JSON.stringify(view));
    }
  };
  addEventListener('pagehide', keep);
  addEventListener('visibilitychange', keep);
}

function keepSketch(editor: EditorStore): void {
  effect(() => {
    const sketch = editor.sketch.value;
    // A storage that is full costs the memory, nothing else.
    if (sketch === undefined) void editor.storage.remove(sketchKey).catch(() => {});
    else void editor.storage.set(sketchKey, JSON.stringify(sketch)).catch(() => {});
  });
}

async function restoreView(editor: EditorStore, size: Size): Promise<void> {
  const { scale, origin, size: shownSize } = parsed<KeptView>(await editor.storage.get(viewKey));
  const isSamePicture = shownSize?.width === size.width && shownSize.height === size.height;
  if (!isSamePicture || !isNumber(scale) || scale <= 0 || !isNumber(origin?.x) || !isNumber(origin.y)) return;
  editor.viewport.value = { scale, origin: { x: origin.x, y: origin.y } };
  editor.isFitted.value = false;
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
  const { tool, diameter, softness, count, isHintUsed } = parsed<Settings>(
    await editor.storage.get(settingsKey),
  );
  editor.tool.value = toolNames.find((name) => name === tool) ?? 'brush';
  if (isNumber(diameter)) setDiameter(editor, diameter);
  if (isNumber(softness)) editor.softness.value = Math.min(1, Math.max(0, softness));
  if (isNumber(count) && count >= 1) editor.runOptions.value = { count };
  if (isHintUsed === true) editor.isHintUsed.value = true;
}

/** Nothing of what was damaged or is of another version. */
function parsed<Kept>(text = '{}'): Partial<Kept> {
  try {
    return (JSON.parse(text) as Partial<Kept> | null) ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
