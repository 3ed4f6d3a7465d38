/** Pictures that a drawing may follow on the page: a sketch, the picture itself, its layers, and files. */
import { type Drawable, drawableOf } from '../../shared/browser/control-pictures.ts';
import type { ControlSource } from '../../shared/store/controls.ts';
import type { PromptOperation } from '../../shared/store/diffusion-settings.ts';
import { drawSketch } from '../canvas/draw-sketch.ts';
import { flattened } from '../document/composite.ts';
import { shownRaster } from '../document/layer.ts';
import type { PictureDocument } from '../document/picture-document.ts';
import type { Raster } from '../document/raster.ts';
import type { EditorStore } from './editor-store.ts';

export const sketchSource: ControlSource = { id: 'sketch', label: 'my sketch' };
const pictureSource: ControlSource = { id: 'picture', label: 'the open picture' };
const layerPrefix = 'layer-';

/** The likeliest first; what is worked on itself is none of them. */
export function controlSources(editor: EditorStore, operation: PromptOperation): readonly ControlSource[] {
  const document = editor.saved.value;
  const sketch = editor.sketch.value === undefined ? [] : [sketchSource];
  const layers = editor.layers.value.map(({ id, name }) => ({ id: `${layerPrefix}${id}`, label: name }));
  const open = document === undefined ? [] : [pictureSource];
  return [...sketch, ...(operation === 'generate' ? open : layers), ...editor.pictures.sources.value];
}

/** What a control follows, as it is now; nothing for what has gone. */
export function controlDrawable(editor: EditorStore, imageId: string): Drawable | undefined {
  const document = editor.saved.peek();
  if (imageId === sketchSource.id) return sketchDrawable(editor);
  if (imageId === pictureSource.id) return document && drawableOf(canvasOf(flattened(document)));
  if (imageId.startsWith(layerPrefix)) {
    return document && layerDrawable(document, imageId.slice(layerPrefix.length));
  }
  return editor.pictures.drawable(imageId);
}

function sketchDrawable(editor: EditorStore): Drawable | undefined {
  const sketch = editor.sketch.peek();
  if (sketch === undefined) return undefined;
  const { width, height } = sketch;
  return { width, height, draw: (context, box) => drawSketch(context, sketch, box) };
}

/** In its place on a canvas as large as the document, see-through where it is not. */
function layerDrawable(document: PictureDocument, id: string): Drawable | undefined {
  const layer = document.layers.find((candidate) => candidate.id === id);
  if (layer === undefined) return undefined;
  const { width, height } = document.size;
  const { bounds } = layer;
  const own = drawableOf(canvasOf(shownRaster(layer)));
  return {
    width,
    height,
    draw: (context, box) => {
      const [x, y] = [box.width / width, box.height / height];
      own.draw(context, {
        left: box.left + bounds.left * x,
        top: box.top + bounds.top * y,
        width: bounds.width * x,
        height: bounds.height * y,
      });
    },
  };
}

function canvasOf({ width, height, data }: Raster): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}
