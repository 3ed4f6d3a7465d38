/** What turning a wheel or two fingers on a trackpad means. No DOM. */
import type { Point } from '../../shared/picture/geometry.ts';

/** The fields of a `WheelEvent` that count. */
export interface WheelTurn {
  readonly deltaX: number;
  readonly deltaY: number;
  /** 0: pixels, 1: lines, 2: pages. */
  readonly deltaMode: number;
  /** Held, or set by the browser for a pinch on a trackpad. */
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

export type WheelAction =
  | { readonly type: 'zoom'; readonly factor: number }
  | { readonly type: 'pan'; readonly by: Point };

const linePx = 16;
const pagePx = 400;
/** Wheels turn in notches of this and more, trackpads in small steps. */
const notchPx = 100;
/** A notch zooms by a quarter; a pinch comes in steps a tenth as large and counts more. */
const zoomOfNotch = 0.0022;
const zoomOfPinch = 0.01;
const maxStep = 0.7;

/** Ctrl, Cmd, a pinch, and the notches of a mouse's wheel zoom; two fingers on a trackpad pan, and so does Shift. */
export function wheelAction({
  deltaX,
  deltaY,
  deltaMode,
  ctrlKey,
  metaKey,
  shiftKey,
}: WheelTurn): WheelAction {
  const unit = deltaMode === 0 ? 1 : deltaMode === 1 ? linePx : pagePx;
  const [x, y] = [deltaX * unit, deltaY * unit];
  const isNotched = deltaMode !== 0 || (deltaX === 0 && Math.abs(deltaY) >= notchPx);
  if (ctrlKey || metaKey || (isNotched && !shiftKey)) {
    const rate = isNotched ? zoomOfNotch : zoomOfPinch;
    const step = Math.min(maxStep, Math.max(-maxStep, -y * rate));
    return { type: 'zoom', factor: Math.exp(step) };
  }
  // Some browsers turn the axis themselves while Shift is held.
  if (shiftKey && x === 0) return { type: 'pan', by: { x: -y, y: 0 } };
  return { type: 'pan', by: { x: -x, y: -y } };
}
