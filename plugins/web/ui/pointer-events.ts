import { handleAt } from '../canvas/expand-frame.ts';
import type { PictureView } from '../canvas/picture-view.ts';
import { toDocument } from '../document/viewport.ts';
import type { EditorStore } from '../editor/editor-store.ts';
import { PointerGestures, type PointerSample } from '../editor/pointer-gestures.ts';
import { Strokes } from '../editor/strokes.ts';
import { expandedFrame } from '../editor/tools/expand-tool.ts';
import { panBy, zoomBy } from '../editor/view.ts';
import { wheelAction } from '../editor/wheel.ts';

const middleButton = 1;

export interface PointerTarget {
  readonly canvas: HTMLCanvasElement;
  readonly view: PictureView;
}

/** Turns the canvas' events into gestures. Returns what ends that. */
export function listenToPointers(editor: EditorStore, { canvas, view }: PointerTarget): () => void {
  const gestures = new PointerGestures(new Strokes(editor));
  const ending = new AbortController();
  const { signal } = ending;

  const sampleOf = (event: PointerEvent): PointerSample => {
    const { left, top } = canvas.getBoundingClientRect();
    const kind = event.pointerType === 'pen' || event.pointerType === 'touch' ? event.pointerType : 'mouse';
    return {
      id: event.pointerId,
      kind,
      x: event.clientX - left,
      y: event.clientY - top,
      pressure: event.pressure,
    };
  };

  canvas.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0 && event.button !== middleButton) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      const isPan = event.button === middleButton || editor.activeTool === 'hand';
      const isFrame = editor.mode.value === 'expand' && event.button === 0 && !editor.isHandHeld.value;
      gestures.down(sampleOf(event), { shift: event.shiftKey, alt: event.altKey, isPan: isPan && !isFrame });
    },
    { signal },
  );
  canvas.addEventListener(
    'pointermove',
    (event) => {
      showBrush(event);
      if (!gestures.isActive) showHandle(event);
      if (!gestures.isActive) return;
      const events = event.getCoalescedEvents();
      gestures.move((events.length === 0 ? [event] : events).map(sampleOf));
    },
    { signal },
  );
  canvas.addEventListener('pointerup', (event) => gestures.up(event.pointerId), { signal });
  canvas.addEventListener('pointercancel', (event) => gestures.cancel(event.pointerId), { signal });
  canvas.addEventListener('pointerleave', () => view.setOverlay({ brush: null }), { signal });
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const action = wheelAction(event);
      const { x, y } = positionOf(event);
      if (action.type === 'zoom') zoomBy(editor, action.factor, { x, y });
      else panBy(editor, action.by);
    },
    { signal, passive: false },
  );
  return () => ending.abort();

  function positionOf(event: MouseEvent): { readonly x: number; readonly y: number } {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** Which way the frame of an expansion can be dragged here. */
  function showHandle(event: PointerEvent): void {
    const size = editor.basis.value?.size;
    const isExpanding = editor.mode.value === 'expand' && size !== undefined;
    const frame = isExpanding ? expandedFrame(size, editor.margins.value) : undefined;
    const handle = frame && handleAt(frame, editor.viewport.value, positionOf(event));
    if (handle) canvas.dataset.handle = handle;
    else delete canvas.dataset.handle;
  }

  /** A ring as large as the brush under the pointer. */
  function showBrush(event: PointerEvent): void {
    const tool = editor.activeTool;
    const isBrush = (tool === 'brush' || tool === 'eraser') && event.pointerType !== 'touch';
    const at = toDocument(editor.viewport.value, positionOf(event));
    const hardness = 1 - editor.softness.value;
    view.setOverlay({ brush: isBrush ? { at, diameter: editor.diameter.value, hardness } : null });
  }
}
