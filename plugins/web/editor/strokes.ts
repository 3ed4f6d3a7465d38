/** Makes selections of what the pointer draws, drags the frame of an expansion, and moves the view. */

import type { Margins, Point } from '../../shared/picture/geometry.ts';
import { type ExpandHandle, handleAt } from '../canvas/expand-frame.ts';
import type { Selection, SelectionMode } from '../document/selection.ts';
import { toDocument } from '../document/viewport.ts';
import { commitSelection } from './edit-selection.ts';
import type { EditorStore, ToolName } from './editor-store.ts';
import type { GestureTarget, PointerSample, PressModifiers } from './pointer-gestures.ts';
import { maxMargin } from './run-operations.ts';
import { BrushTool } from './tools/brush-tool.ts';
import { draggedMargins, expandedFrame } from './tools/expand-tool.ts';
import { LassoTool } from './tools/lasso-tool.ts';
import { RectangleTool } from './tools/rectangle-tool.ts';
import type { PenPoint, SelectionGesture } from './tools/selection-gesture.ts';
import { panBy, zoomBy } from './view.ts';

const strokeLabels: Readonly<Record<Exclude<ToolName, 'hand'>, string>> = {
  brush: 'Brush',
  eraser: 'Eraser',
  lasso: 'Lasso',
  rectangle: 'Rectangle',
};

interface FrameDragStart {
  readonly handle: ExpandHandle;
  readonly margins: Margins;
  /** Screen pixels. */
  readonly at: Point;
}

export class Strokes implements GestureTarget {
  readonly #editor: EditorStore;
  #stroke: { readonly gesture: SelectionGesture; readonly label: string } | undefined;
  #frameDrag: FrameDragStart | undefined;

  constructor(editor: EditorStore) {
    this.#editor = editor;
  }

  beginStroke(sample: PointerSample, modifiers: PressModifiers): boolean {
    const editor = this.#editor;
    if (editor.mode.value === 'expand') return this.#beginFrameDrag(sample);
    const selection = editor.saved.value?.selection;
    const tool = editor.activeTool;
    if (selection === undefined || tool === 'hand') return false;
    this.#stroke = {
      gesture: gestureOf(editor, selection, { tool, ...modifiers }),
      label: strokeLabels[tool],
    };
    this.extendStroke([sample]);
    return true;
  }

  extendStroke(samples: readonly PointerSample[]): void {
    if (this.#frameDrag !== undefined) this.#dragFrame(this.#frameDrag, samples);
    const gesture = this.#stroke?.gesture;
    if (gesture === undefined) return;
    gesture.extend(samples.map((sample) => this.#penPoint(sample)));
    this.#editor.draw(gesture.selection);
    this.#editor.outline.value = gesture.outline;
  }

  endStroke(): void {
    const stroke = this.#stroke;
    this.cancelStroke();
    if (stroke === undefined) return;
    commitSelection(this.#editor, { selection: stroke.gesture.finish(), label: stroke.label });
  }

  cancelStroke(): void {
    this.#stroke = undefined;
    this.#frameDrag = undefined;
    this.#editor.outline.value = [];
    this.#editor.draw(undefined);
  }

  pan(by: Point): void {
    panBy(this.#editor, by);
  }

  zoom(at: Point, factor: number): void {
    zoomBy(this.#editor, factor, at);
  }

  #beginFrameDrag(at: Point): boolean {
    const editor = this.#editor;
    const size = editor.saved.value?.size;
    if (size === undefined || editor.isLocked.value) return false;
    const margins = editor.margins.value;
    const handle = handleAt(expandedFrame(size, margins), editor.viewport.value, at);
    if (handle === null) return false;
    this.#frameDrag = { handle, margins, at };
    return true;
  }

  #dragFrame({ handle, margins, at }: FrameDragStart, samples: readonly PointerSample[]): void {
    const to = samples.at(-1)!;
    const { scale } = this.#editor.viewport.value;
    const by = { x: (to.x - at.x) / scale, y: (to.y - at.y) / scale };
    this.#editor.margins.value = draggedMargins(margins, { handle, by, maxMargin: maxMargin(this.#editor) });
  }

  #penPoint(sample: PointerSample): PenPoint {
    const { x, y } = toDocument(this.#editor.viewport.value, sample);
    return { x, y, pressure: sample.kind === 'pen' ? sample.pressure : 1 };
  }
}

interface GestureOptions extends PressModifiers {
  readonly tool: Exclude<ToolName, 'hand'>;
}

function gestureOf(
  editor: EditorStore,
  selection: Selection,
  { tool, shift, alt }: GestureOptions,
): SelectionGesture {
  const chosen: SelectionMode = alt ? 'subtract' : shift ? 'add' : editor.selectionMode.value;
  switch (tool) {
    case 'brush':
    case 'eraser': {
      const isAdding = (tool === 'brush') !== alt;
      const [diameter, softness] = [editor.diameter.value, editor.softness.value];
      return new BrushTool(selection, { diameter, softness, mode: isAdding ? 'add' : 'subtract' });
    }
    case 'lasso':
      return new LassoTool(selection, chosen);
    case 'rectangle':
      return new RectangleTool(selection, chosen);
  }
}
