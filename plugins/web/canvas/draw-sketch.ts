import type { Bounds } from '../../shared/picture/geometry.ts';
import type { Sketch, SketchLine } from '../document/sketch.ts';

type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** Draws a sketch's lines into a box of a canvas, whose paper is there. */
export function drawSketch(context: Context, { width, height, lines }: Sketch, box: Bounds): void {
  context.save();
  context.translate(box.left, box.top);
  context.scale(box.width / width, box.height / height);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const line of lines) drawLine(context, line);
  context.restore();
}

function drawLine(context: Context, { points, width, isEraser }: SketchLine): void {
  const [first, ...others] = points;
  if (first === undefined) return;
  context.strokeStyle = isEraser ? '#fff' : '#000';
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(first.x, first.y);
  // A single point is a dot.
  if (others.length === 0) context.lineTo(first.x, first.y);
  for (const { x, y } of others) context.lineTo(x, y);
  context.stroke();
}
