import { type Bounds, bottomOf, rightOf } from '../../shared/picture/geometry.ts';
import { toScreen, type Viewport } from '../document/viewport.ts';

/** A part of the picture, or of what it is to become, and what it is. */
export interface ContextFrame {
  readonly bounds: Bounds;
  readonly label: string;
}

const LIGHT = 'rgb(255 255 255 / 0.95)';
const DARK = 'rgb(0 0 0 / 0.65)';
const DASH = [6, 5];
const FONT = '11px system-ui, sans-serif';
const LABEL_HEIGHT = 18;
const LABEL_PADDING = 6;

/** A dashed line around it, light and dark in turns, to be seen on any picture; its label hangs from the upper left corner. */
export function drawContextFrame(
  context: CanvasRenderingContext2D,
  viewport: Viewport,
  { bounds, label }: ContextFrame,
): void {
  const from = toScreen(viewport, { x: bounds.left, y: bounds.top });
  const to = toScreen(viewport, { x: rightOf(bounds), y: bottomOf(bounds) });
  const [width, height] = [to.x - from.x, to.y - from.y];
  context.save();
  context.lineWidth = 1.5;
  context.strokeStyle = DARK;
  context.strokeRect(from.x, from.y, width, height);
  context.setLineDash(DASH);
  context.strokeStyle = LIGHT;
  context.strokeRect(from.x, from.y, width, height);
  context.font = FONT;
  const labelWidth = context.measureText(label).width + 2 * LABEL_PADDING;
  if (labelWidth <= width && LABEL_HEIGHT <= height) {
    context.fillStyle = DARK;
    context.fillRect(from.x, from.y, labelWidth, LABEL_HEIGHT);
    context.fillStyle = LIGHT;
    context.textBaseline = 'middle';
    context.fillText(label, from.x + LABEL_PADDING, from.y + LABEL_HEIGHT / 2);
  }
  context.restore();
}
