import type { Signal } from '@preact/signals';
import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { boundsOf, type Point, type Size } from '../../shared/picture/geometry.ts';
import { drawSketch } from '../canvas/draw-sketch.ts';
import { type Sketch, type SketchLine, withLine } from '../document/sketch.ts';
import { sketchedDocument, smallPicture } from '../editor/sketch.ts';
import { useEditor } from './editor-context.ts';

/** Of the canvas on the screen, in CSS pixels. */
const maxShown: Size = { width: 560, height: 420 };
/** How much of the picture is seen below the lines. */
const pictureOpacity = 0.35;
/** Of an arrow key, as a part of the sketch's longer side; with Shift a tenth of it. */
const keyStep = 1 / 50;

export interface SketchPadProps {
  readonly sketch: Signal<Sketch>;
  /** Thousandths of the longer side. */
  readonly pen: number;
  readonly isEraser: boolean;
}

/** Paper to draw on, over what is sketched. */
export function SketchPad({ sketch, pen, isEraser }: SketchPadProps): JSX.Element {
  const editor = useEditor();
  const canvas = useRef<HTMLCanvasElement>(null);
  const line = useRef<SketchLine | undefined>(undefined);
  const { width, height } = sketch.value;
  const shown = useMemo(() => shownSize({ width, height }), [width, height]);
  const cursor = useRef<Point>({ x: width / 2, y: height / 2 });
  const paper = useMemo(() => paperOf(sketchedDocument(editor), shown), [editor, shown]);
  const longest = Math.max(width, height);
  const draw = () => {
    const context = canvas.current!.getContext('2d')!;
    context.globalAlpha = 1;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, shown.width, shown.height);
    context.globalAlpha = pictureOpacity;
    if (paper !== undefined) context.drawImage(paper, 0, 0);
    context.globalAlpha = 1;
    const current = line.current;
    drawSketch(context, current ? withLine(sketch.value, current) : sketch.value, boundsOf(shown));
    markCursor(context, { at: cursor.current, scale: shown.width / width });
  };
  useEffect(draw, [sketch.value, shown, paper]);
  const extend = (point: Point) => {
    cursor.current = point;
    const current = line.current;
    if (current !== undefined) line.current = { ...current, points: [...current.points, point] };
    draw();
  };
  const begin = (point: Point) => {
    cursor.current = point;
    line.current = { points: [point], width: (pen / 1_000) * longest, isEraser };
    draw();
  };
  const end = () => {
    const current = line.current;
    line.current = undefined;
    if (current !== undefined) sketch.value = withLine(sketch.value, current);
  };
  const pointOf = ({ currentTarget, clientX, clientY }: TargetedPointerEvent<HTMLCanvasElement>): Point => {
    const box = currentTarget.getBoundingClientRect();
    return {
      x: ((clientX - box.left) / box.width) * width,
      y: ((clientY - box.top) / box.height) * height,
    };
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLCanvasElement>) => {
    const step = longest * keyStep * (event.shiftKey ? 0.1 : 1);
    const [x, y] = arrows[event.key] ?? [0, 0];
    if (x !== 0 || y !== 0) {
      extend({
        x: Math.min(width, Math.max(0, cursor.current.x + x * step)),
        y: Math.min(height, Math.max(0, cursor.current.y + y * step)),
      });
    } else if (event.key === ' ') {
      if (line.current === undefined) begin(cursor.current);
      else end();
    } else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: drawn on, by pointer and by keys
    <canvas
      ref={canvas}
      class="sketch-pad"
      width={shown.width}
      height={shown.height}
      role="application"
      aria-label="Sketch"
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        begin(pointOf(event));
      }}
      onPointerMove={(event) => {
        if (line.current !== undefined && event.buttons !== 0) extend(pointOf(event));
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={onKeyDown}
    />
  );
}

const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function shownSize({ width, height }: Size): Size {
  const scale = Math.min(maxShown.width / width, maxShown.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function paperOf(document: ReturnType<typeof sketchedDocument>, size: Size): OffscreenCanvas | undefined {
  if (document === undefined) return undefined;
  const canvas = new OffscreenCanvas(size.width, size.height);
  const image = new ImageData(smallPicture(document, size), size.width, size.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

/** For those who draw by keys. */
function markCursor(
  context: CanvasRenderingContext2D,
  { at, scale }: { readonly at: Point; readonly scale: number },
): void {
  context.strokeStyle = '#3f4fc8';
  context.lineWidth = 1;
  context.beginPath();
  context.arc(at.x * scale, at.y * scale, 5, 0, 2 * Math.PI);
  context.stroke();
}
