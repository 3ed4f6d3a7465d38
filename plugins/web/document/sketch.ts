/** A drawing in lines, for a picture to follow: black on white, the same at any size. */
import type { Point, Size } from '../../shared/picture/geometry.ts';

export interface SketchLine {
  /** At least one; in pixels of the sketch. */
  readonly points: readonly Point[];
  readonly width: number;
  /** White: it takes away what is below it. */
  readonly isEraser: boolean;
}

export interface Sketch extends Size {
  readonly lines: readonly SketchLine[];
}

export const maxSketchLines = 2_000;

/** Proportions that differ by less are the same. */
const tolerance = 0.02;

export function emptySketch({ width, height }: Size): Sketch {
  return { width, height, lines: [] };
}

/** The sketch at another size; an empty one where that has other proportions. */
export function sketchFor(sketch: Sketch | undefined, size: Size): Sketch {
  if (sketch === undefined) return emptySketch(size);
  const scale = size.width / sketch.width;
  if (Math.abs((sketch.height * scale) / size.height - 1) > tolerance) return emptySketch(size);
  const lines = sketch.lines.map(({ points, width, isEraser }) => ({
    points: points.map(({ x, y }) => ({ x: x * scale, y: y * scale })),
    width: width * scale,
    isEraser,
  }));
  return { width: size.width, height: size.height, lines };
}

export function withLine(sketch: Sketch, line: SketchLine): Sketch {
  return { ...sketch, lines: [...sketch.lines, line].slice(-maxSketchLines) };
}

export function withoutLastLine(sketch: Sketch): Sketch {
  return { ...sketch, lines: sketch.lines.slice(0, -1) };
}

/** What was kept as JSON; nothing for what is no sketch. */
export function parseSketch(text: string | undefined): Sketch | undefined {
  try {
    const sketch = JSON.parse(text ?? 'null') as Partial<Sketch> | null;
    const isSketch =
      isSide(sketch?.width) &&
      isSide(sketch.height) &&
      Array.isArray(sketch.lines) &&
      sketch.lines.every(isLine);
    return isSketch ? (sketch as Sketch) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isLine(value: unknown): boolean {
  const { points, width, isEraser } = (value ?? {}) as Partial<SketchLine>;
  return (
    isSide(width) &&
    typeof isEraser === 'boolean' &&
    Array.isArray(points) &&
    points.length > 0 &&
    points.every((point: Partial<Point> | null) => Number.isFinite(point?.x) && Number.isFinite(point?.y))
  );
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value);
}
