/** The sketch that drawings may follow: how large it is, and how it becomes a control. */
import { boundsOf, type Size } from '../../shared/picture/geometry.ts';
import { maxChosenControls, newControl } from '../../shared/store/controls.ts';
import { flattenInto } from '../document/composite.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import { type Sketch, sketchFor } from '../document/sketch.ts';
import { sketchSource } from './control-sources.ts';
import type { EditorStore } from './editor-store.ts';
import { newPictureSize } from './run-drawing.ts';
import { currentModel } from './words.ts';

/** Of a model that the server has not told. */
const usualSize: Size = { width: 512, height: 512 };

/** Over the open picture, or as large as the new one will be; with the lines of before where those fit. */
export function sketchForNow(editor: EditorStore): Sketch {
  return sketchFor(editor.sketch.peek(), sketchedDocument(editor)?.size ?? newSize(editor));
}

/** What is sketched over; nothing for a new picture. */
export function sketchedDocument(editor: EditorStore): PictureDocument | undefined {
  return editor.dialog.peek() === 'generate' ? undefined : editor.saved.peek();
}

function newSize(editor: EditorStore): Size {
  const model = currentModel(editor);
  return model === undefined ? usualSize : newPictureSize(editor, model);
}

/** Drawings follow it from now on. */
export function takeSketch(editor: EditorStore, sketch: Sketch): void {
  editor.sketch.value = sketch;
  const { controls = [] } = editor.prompts.settings.peek();
  const capabilities = editor.connection.capabilities.peek();
  if (capabilities === undefined || controls.some(({ imageId }) => imageId === sketchSource.id)) return;
  const control = newControl(capabilities, { model: currentModel(editor), source: sketchSource });
  editor.prompts.change({ controls: [control, ...controls].slice(0, maxChosenControls) });
}

/** The picture as small as it is shown, straight `rgba8`: every so many pixels one. */
export function smallPicture(
  document: PictureDocument,
  { width, height }: Size,
): Uint8ClampedArray<ArrayBuffer> {
  const { width: fullWidth, height: fullHeight } = boundsOf(document.size);
  const small = new Uint8ClampedArray(width * height * 4);
  const row = new Uint8ClampedArray(fullWidth * 4);
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * fullHeight) / height);
    flattenInto(row, document, { left: 0, top, width: fullWidth, height: 1 });
    for (let x = 0; x < width; x++) {
      const from = Math.floor((x * fullWidth) / width) * 4;
      small.set(row.subarray(from, from + 4), (y * width + x) * 4);
    }
  }
  return small;
}
