import { type Bounds, bottomOf, type Point, rightOf, type Size } from '../../shared/picture/geometry.ts';
import { toScreen, type Viewport } from '../document/viewport.ts';
import type { ContextFrame } from './context-frame.ts';
import { handlePositions } from './expand-frame.ts';

/** What is drawn over the picture besides the selection. Document pixels where nothing else is said. */
export interface ViewOverlay {
  readonly isSelectionShown: boolean;
  /** A running job's picture so far, in its bounds. */
  readonly preview: { readonly image: CanvasImageSource; readonly bounds: Bounds } | null;
  /** The canvas as it would be after an expansion. */
  readonly expandFrame: Bounds | null;
  /** What a model will be shown. */
  readonly contextFrame: ContextFrame | null;
  /** 0..1 of the view's width: left of it the picture before, right of it the picture now. */
  readonly split: number | null;
  readonly brush: { readonly at: Point; readonly diameter: number; readonly hardness: number } | null;
}

export const emptyOverlay: ViewOverlay = {
  isSelectionShown: true,
  preview: null,
  expandFrame: null,
  contextFrame: null,
  split: null,
  brush: null,
};

const LIGHT = 'rgb(255 255 255 / 0.95)';
const DARK = 'rgb(0 0 0 / 0.65)';
/** Below this a ring would only be a blot, in screen pixels. */
const MIN_RING_RADIUS = 3;
const HANDLE_SIDE = 10;
const SPLIT_KNOB_RADIUS = 14;

/** A circle as wide as the brush; a fainter one inside where its hard part ends. */
export function drawBrush(
  context: CanvasRenderingContext2D,
  viewport: Viewport,
  { at, diameter, hardness }: NonNullable<ViewOverlay['brush']>,
): void {
  const { x, y } = toScreen(viewport, at);
  const radius = Math.max(MIN_RING_RADIUS, (diameter / 2) * viewport.scale);
  ring(context, { x, y, radius, opacity: 1 });
  const hardRadius = radius * hardness;
  if (radius - hardRadius >= 3 && hardRadius >= MIN_RING_RADIUS) {
    ring(context, { x, y, radius: hardRadius, opacity: 0.5 });
  }
}

/** Light with dark around it, to be seen on any picture. */
function ring(
  context: CanvasRenderingContext2D,
  { x, y, radius, opacity }: Point & { readonly radius: number; readonly opacity: number },
): void {
  context.globalAlpha = opacity;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.strokeStyle = DARK;
  context.stroke();
  context.lineWidth = 1.25;
  context.strokeStyle = LIGHT;
  context.stroke();
  context.globalAlpha = 1;
}

/** The frame around the coming canvas, its new parts tinted, and its handles. */
export function drawExpandFrame(
  context: CanvasRenderingContext2D,
  viewport: Viewport,
  { frame, size, accent }: { readonly frame: Bounds; readonly size: Size; readonly accent: string },
): void {
  const from = toScreen(viewport, { x: frame.left, y: frame.top });
  const to = toScreen(viewport, { x: rightOf(frame), y: bottomOf(frame) });
  const picture = toScreen(viewport, { x: 0, y: 0 });
  context.save();
  context.beginPath();
  context.rect(from.x, from.y, to.x - from.x, to.y - from.y);
  context.rect(picture.x, picture.y, size.width * viewport.scale, size.height * viewport.scale);
  context.fillStyle = accent;
  context.globalAlpha = 0.16;
  context.fill('evenodd');
  context.globalAlpha = 1;
  context.strokeStyle = accent;
  context.lineWidth = 1.5;
  context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
  context.fillStyle = '#fff';
  for (const { x, y } of handlePositions(frame, viewport)) {
    context.beginPath();
    context.roundRect(x - HANDLE_SIDE / 2, y - HANDLE_SIDE / 2, HANDLE_SIDE, HANDLE_SIDE, 2.5);
    context.fill();
    context.stroke();
  }
  context.restore();
}

/** The line between before and after, with a knob in its middle. */
export function drawSplit(
  context: CanvasRenderingContext2D,
  { x, height }: { readonly x: number; readonly height: number },
): void {
  context.save();
  for (const [lineWidth, color] of [
    [4, DARK],
    [2, LIGHT],
  ] as const) {
    context.lineWidth = lineWidth;
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
  }
  const y = height / 2;
  context.beginPath();
  context.arc(x, y, SPLIT_KNOB_RADIUS, 0, 2 * Math.PI);
  context.fillStyle = LIGHT;
  context.strokeStyle = DARK;
  context.lineWidth = 1;
  context.fill();
  context.stroke();
  context.strokeStyle = '#333';
  context.lineWidth = 1.75;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const side of [-1, 1]) {
    context.beginPath();
    context.moveTo(x + side * 4, y - 4);
    context.lineTo(x + side * 8, y);
    context.lineTo(x + side * 4, y + 4);
    context.stroke();
  }
  context.restore();
}
