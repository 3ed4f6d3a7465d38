/** Zooming and panning. Positions are screen pixels of the canvas. */
import { boundsOf, type Point, type Size } from '../../shared/picture/geometry.ts';
import { clamped, fitted, panned, type Viewport, zoomedAt } from '../document/viewport.ts';
import type { EditorStore } from './editor-store.ts';
import { expandedFrame } from './tools/expand-tool.ts';
import { takesWords } from './words.ts';

const scaleLimits = { min: 0.01, max: 32 };
/** Of the picture, this much stays on the screen however far it is panned. */
const keptMargin = 48;
const zoomStep = 1.25;
/** Where the bars float over the picture, room for them above and below it. */
const narrowScreen = 640;
const insets = { narrow: { x: 16, top: 16, bottom: 72 }, wide: { x: 24, top: 80, bottom: 132 } };
/** For the prompt, where there is one: on narrow screens it has a place of its own. */
const promptHeight = 76;
const maxFittedScale = 4;

export function fitPicture(editor: EditorStore): void {
  const document = editor.document.value;
  const screen = editor.screen.value;
  if (document === undefined || screen.width === 0) return;
  const { x, top, bottom } = screen.width < narrowScreen ? insets.narrow : insets.wide;
  const below = screen.width >= narrowScreen && takesWords(editor) ? bottom + promptHeight : bottom;
  const inner = { width: screen.width - 2 * x, height: screen.height - top - below };
  const isExpanding = editor.mode.value === 'expand';
  const area = isExpanding ? expandedFrame(document.size, editor.margins.value) : boundsOf(document.size);
  const { scale, origin } = fitted(area, { screen: inner, padding: 0, maxScale: maxFittedScale });
  editor.viewport.value = { scale, origin: { x: origin.x - x / scale, y: origin.y - top / scale } };
  editor.isFitted.value = true;
}

export function zoomBy(editor: EditorStore, factor: number, at: Point = middle(editor)): void {
  moveTo(editor, zoomedAt(editor.viewport.value, { point: at, factor, limits: scaleLimits }));
}

export function zoomIn(editor: EditorStore): void {
  zoomBy(editor, zoomStep);
}

export function zoomOut(editor: EditorStore): void {
  zoomBy(editor, 1 / zoomStep);
}

/** After the room around the picture has changed, for those who look at all of it. */
export function refitPicture(editor: EditorStore): void {
  if (editor.isFitted.value) fitPicture(editor);
}

/** The canvas has another size now. */
export function resizeScreen(editor: EditorStore, screen: Size): void {
  editor.screen.value = screen;
  if (editor.isFitted.peek()) fitPicture(editor);
  else moveTo(editor, editor.viewport.peek());
}

/** One pixel of the picture on one of the screen's CSS pixels. */
export function zoomToActualPixels(editor: EditorStore): void {
  zoomBy(editor, 1 / editor.viewport.value.scale);
}

export function panBy(editor: EditorStore, by: Point): void {
  moveTo(editor, panned(editor.viewport.value, by));
}

function moveTo(editor: EditorStore, viewport: Viewport): void {
  const size = editor.document.value?.size;
  if (size === undefined) return;
  editor.viewport.value = clamped(viewport, { size, screen: editor.screen.value, margin: keptMargin });
  editor.isFitted.value = false;
}

function middle(editor: EditorStore): Point {
  const { width, height } = editor.screen.value;
  return { x: width / 2, y: height / 2 };
}
