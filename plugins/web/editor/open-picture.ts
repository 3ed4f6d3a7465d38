/** Opens a file, a dropped or a pasted picture. The one before is a step of undo away. */
import { openPicture } from '../canvas/picture-file.ts';
import { PictureFileError } from '../canvas/picture-file-types.ts';
import { createDocument, type PictureDocument } from '../document/picture-document.ts';
import { type EditorStore, setDiameter } from './editor-store.ts';
import { noMargins } from './tools/expand-tool.ts';
import { fitPicture } from './view.ts';

/** 100 megapixels are 400 MB in the page, and as much again with a result over all of it. */
const limits = { maxPixels: 100_000_000, maxSide: 32_768 };
/** Of a picture's shorter side: a brush that covers a face or a sign in a few strokes, whatever the resolution. */
const brushPart = 1 / 9;
const unnamed = 'Pasted picture';

export async function openFile(editor: EditorStore, file: Blob, name?: string): Promise<void> {
  if (editor.isLocked.value) {
    editor.status.value = 'A job is running. Cancel it to open another picture.';
    return;
  }
  editor.problem.value = undefined;
  editor.busy.value = 'Opening the picture…';
  try {
    const fileName = name ?? (file instanceof File ? file.name : unnamed);
    const document = createDocument(fileName, await openPicture(file, limits));
    if (editor.canReplaceWith(document)) showDocument(editor, document);
    else editor.replacement.value = document;
  } catch (error) {
    if (!(error instanceof PictureFileError)) throw error;
    editor.report(error);
  } finally {
    editor.busy.value = undefined;
  }
}

/** The picture that comes with the page, for those who have none at hand. */
export async function openExample(editor: EditorStore): Promise<void> {
  const response = await fetch('/example.jpg');
  await openFile(editor, await response.blob(), 'launch-pad.jpg');
}

/** Puts an opened picture in the place of the one before. */
export function showDocument(editor: EditorStore, document: PictureDocument): void {
  const before = editor.saved.value;
  editor.replacement.value = undefined;
  editor.commit(document, { label: 'Open' });
  editor.selectLayer(undefined);
  editor.mode.value = 'select';
  editor.margins.value = noMargins;
  editor.split.value = undefined;
  fitPicture(editor);
  const { fileName, size } = document;
  setDiameter(editor, Math.min(size.width, size.height) * brushPart);
  const undo = before === undefined ? '' : ` Undo brings back ${before.fileName}.`;
  editor.status.value = `Opened ${fileName}, ${size.width} × ${size.height} pixels.${undo}`;
}
